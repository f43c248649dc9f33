import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { ENGINES } from '../support/ledger-site.js';
import { EmptyBooks } from './history-life.js';
import type { Denial, LifeStep, PlainStep, Step, WorldStep } from './history-steps.js';
import type { WorldRules } from './history-world.js';

const WITH_CHAIN: WorldRules = { hasChain: true, mayLie: true };
const WITHOUT: WorldRules = { hasChain: false, mayLie: false };
const LIED_TO: WorldRules = { hasChain: false, mayLie: true };
const DAY_SECONDS = 86_400;

const place = (max = 600n): PlainStep => ({ act: 'place', by: 'A', max });
const sign = (amount = 250n): PlainStep => ({ act: 'sign', purchase: 0, amount, validitySeconds: 300 });
const send: Step = { act: 'send', purchase: 0 };
const leave = (denial: Denial = 'none'): PlainStep => ({ act: 'leaveUnresolved', purchase: 0, denial });
const settle: Step = { act: 'settle', purchase: 0, hasReceipt: true };
const take: WorldStep = { act: 'take', payment: 0 };
const pass = (seconds: number): WorldStep => ({ act: 'pass', seconds, beating: false });
const setClock = (seconds: number): WorldStep => ({ act: 'setClock', seconds });
const sweep = (meanwhile?: WorldStep): LifeStep => ({ act: 'sweep', by: 'B', meanwhile });
const nextDay: Step = { act: 'midnight', seconds: 600, beating: true };
const buy = [place(), sign(), send];

/** What the world is like, what happens, and what is booked in the end, day by day. The model is compared after every step. */
const examples: [name: string, rules: WorldRules, steps: Step[], spent: bigint[]][] = [
  ['a living process that was taken for dead books what its seller took', WITH_CHAIN, [...buy, pass(100), sweep(), settle], [250n]],
  ['a hold that was given up with its process cannot be signed any more', WITH_CHAIN, [place(), pass(100), sweep(), sign()], [0n]],
  ['what was signed and never left is given back', WITH_CHAIN, [place(), sign(), { act: 'crash', by: 'A' }], [0n]],
  ['what is taken while the chain is asked is found by the next sweep', WITH_CHAIN, [...buy, leave(), sweep(take), sweep()], [250n]],
  ['the chain is believed before a seller that lies', WITH_CHAIN, [...buy, leave('lie'), pass(500), sweep()], [250n]],
  [
    'a clock that runs a day ahead does not end a payment',
    WITH_CHAIN,
    [...buy, leave(), setClock(DAY_SECONDS), sweep(), pass(100), take],
    [250n],
  ],
  [
    'a payment is given up only two minutes after its end',
    WITH_CHAIN,
    [...buy, leave(), pass(300), sweep(), pass(120), sweep(), pass(1), sweep()],
    [0n],
  ],
  ['what nobody can look up is spent once it has run out', WITHOUT, [...buy, leave(), pass(421), sweep()], [250n]],
  ['a denial counts only once the payment has run out', WITHOUT, [...buy, leave('honest'), sweep(), pass(421), sweep()], [0n]],
  ['a denial that was a lie is booked as an overrun', LIED_TO, [...buy, leave('lie')], [250n]],
  [
    'what is unresolved leaves only the rest of the cap',
    WITHOUT,
    [...buy, leave(), ...buy, leave(), ...buy, sign(100n), send, place()],
    [600n],
  ],
  // Guards against two lines that are the same to the millisecond: the second was refused, as if the audit were broken.
  [
    'two processes stop spending in the same millisecond',
    WITHOUT,
    [{ act: 'place', by: 'B', max: 600n }, sign(), { act: 'stop', by: 'A' }, { act: 'stop', by: 'B' }, send, settle],
    [250n],
  ],
  ['a line that cannot be written leaves a payment signed', WITH_CHAIN, [...buy, { act: 'full', step: leave() }, settle], [250n]],
  // Guards against a day that stays set aside when it really comes: a clock that then goes back over its midnight was trusted.
  [
    'a day of a wrong clock counts again once it is paid on',
    WITH_CHAIN,
    [
      setClock(DAY_SECONDS),
      place(100n),
      setClock(-DAY_SECONDS),
      { act: 'acceptClock', by: 'A' },
      nextDay,
      place(100n),
      setClock(-1500),
      place(100n),
    ],
    [0n],
  ],
];

describe.each(ENGINES)('the books on %s agree to the end, and', (engine) => {
  let books: EmptyBooks;

  beforeAll(async () => {
    Logger.overrideLogger(false);
    books = await EmptyBooks.make(engine);
  });
  afterAll(() => books.remove());

  it.each(examples)('%s', async (_name, rules, steps, spent) => {
    const totals = await books.live({ steps, auditMaxBytes: Infinity, limits: {} }, rules);
    expect(totals.map((day) => day.spent)).toEqual(spent);
  });
});
