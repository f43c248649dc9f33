import { FAULTS, type Fault } from '../sandbox/block-run/faults.js';
import { isFree, MODELS } from '../sandbox/block-run/models.js';
import type { Dice } from './soak-dice.js';

/** One request as it goes to a proxy, and what may become of it. */
export interface SoakOrder {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Whether a signature leaves for it as long as there is room under the cap, and nobody dies or disconnects. */
  readonly isPaid: boolean;
  readonly fault?: Fault;
}

export type OrderMaker = (dice: Dice, name: string) => SoakOrder;

const FAULT_NAMES = Object.keys(FAULTS) as [Fault, ...Fault[]];
const UNSIGNED_FAULT = /^(error-|hang-|reset-|quote-(unreadable|foreign|other-chain|huge|zero))/;
const PAID_MODELS = idsOf(MODELS.filter((model) => !isFree(model)));
const FREE_MODELS = idsOf(MODELS.filter(isFree));
const JSON_TYPE = { 'content-type': 'application/json' };
const TOO_LARGE_CHARS = 5.5 * 1024 * 1024;

/** A valid request for some paid model, in many sizes and prices; `fields` are added to its body. The name makes it one of its own. */
export function paidOrder(dice: Dice, name: string, fields: Readonly<Record<string, unknown>> = {}): SoakOrder {
  const stream = dice.chance(0.5);
  const usesTool = dice.chance(0.05);
  const body = {
    model: dice.pick(PAID_MODELS),
    stream,
    ...(stream && dice.chance(0.3) && { stream_options: { include_usage: true } }),
    messages: [{ role: 'user', content: `${name}: ${usesTool ? 'use the tool' : 'word '.repeat(dice.below(300))}` }],
    max_tokens: 50 + dice.below(20_000),
    ...(usesTool && { tools: [{ type: 'function', function: { name: 'look_up', parameters: { type: 'object' } } }] }),
    ...fields,
  };
  const key = dice.chance(0.15) ? { 'idempotency-key': name.replaceAll(' ', '-') } : {};
  return { body: JSON.stringify(body), headers: { ...JSON_TYPE, ...key }, isPaid: true };
}

export function freeOrder(dice: Dice, name: string): SoakOrder {
  return { ...paidOrder(dice, name, { model: dice.pick(FREE_MODELS) }), isPaid: false };
}

/** One token costs little, but so many of them are above what one request may cost. */
export function tooDearOrder(dice: Dice, name: string): SoakOrder {
  return { ...paidOrder(dice, name, { model: 'openai/gpt-5.4-mini', max_tokens: 128_000 }), isPaid: false };
}

export function faultyOrder(dice: Dice, name: string): SoakOrder {
  const fault = dice.pick(FAULT_NAMES);
  return { ...paidOrder(dice, name, { x_sandbox: { fault, tokens: 6 } }), fault, isPaid: !UNSIGNED_FAULT.test(fault) };
}

/** The answer comes slowly, so that a client can leave in the middle of it. */
export function slowOrder(dice: Dice, name: string): SoakOrder {
  return paidOrder(dice, name, { x_sandbox: { tokens: 8, tokenDelayMs: 1 + dice.below(15) } });
}

/** The seller stops in the middle of its answer, before it settles, until the proxy has had enough of it. */
export function stallingOrder(dice: Dice, name: string): SoakOrder {
  return paidOrder(dice, name, { x_sandbox: { tokens: 6, pauseAfterTokens: 1 + dice.below(6) } });
}

interface Flaw {
  readonly fields?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly spoil?: (body: string) => string;
}

/** None of these may reach the seller, but for the last: that one is the seller's to refuse. */
const FLAWS: readonly [Flaw, ...Flaw[]] = [
  { spoil: (body) => body.slice(0, -1) },
  { spoil: (body) => `[${body}]` },
  { spoil: (body) => `${body}${' '.repeat(TOO_LARGE_CHARS)}` },
  { fields: { messages: undefined } },
  { fields: { messages: [] } },
  { fields: { max_tokens: -1 } },
  { fields: { model: 'openai/not-allowed' } },
  { headers: { 'content-type': 'text/plain' } },
  { headers: { host: 'proxy.example' } },
  { headers: { origin: 'https://page.example' } },
  { headers: { 'idempotency-key': 'with a space' } },
  { fields: { x_sandbox: { fault: 'unknown' } } },
];

export function invalidOrder(dice: Dice, name: string): SoakOrder {
  const { fields, headers, spoil } = dice.pick(FLAWS);
  const { body } = paidOrder(dice, name, fields);
  return { body: spoil?.(body) ?? body, headers: { ...JSON_TYPE, ...headers }, isPaid: false };
}

function idsOf(models: typeof MODELS): [string, ...string[]] {
  const [first, ...rest] = models.map(({ id }) => id);
  if (first === undefined) throw new Error('The stand-in has no such model');
  return [first, ...rest];
}
