import { appendFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startWorld, type World } from '../../sandbox/world.js';
import { chatBody } from '../e2e/proxy.js';
import { measuredTurn, type MeasuredTurn, type TurnCase } from './measured-turn.js';

type Row = [name: string, turn: TurnCase, expected: { requests: number | 'several'; payments: number; text: string | RegExp }];

const TEMPORARY = /usually temporary|network connection was interrupted/;

/** docs/openclaw.md shows these rows. What OpenClaw repeats costs nothing; what may have been paid is asked for once. */
const ROWS: Row[] = [
  [
    'the daily cap is reached',
    { environment: { BLOCKRUN_DAILY_BUDGET_USD: '0.001' } },
    {
      requests: 1,
      payments: 0,
      text: /^⚠️ Daily limit reached: \$0\.00 of \$0\.001 used by this proxy today\. Resets at 00:00 UTC \(in \d+ (hours?|minutes?)\)\.$/,
    },
  ],
  [
    'the price is above what one request may cost',
    { environment: { BLOCKRUN_MAX_USD_PER_REQUEST: '0.002' } },
    {
      requests: 1,
      payments: 0,
      text: /^⚠️ This request costs \$0\.01\d*, more than the \$0\.002 that one request may cost, so it exceeds your current quota\..* Nothing was paid\.$/,
    },
  ],
  [
    'the money of a minute is used up',
    { environment: { BLOCKRUN_MAX_USD_PER_MINUTE: '0.001' } },
    { requests: 1, payments: 0, text: /^⚠️ .*minute/ },
  ],
  [
    'the wallet is too low',
    { fault: 'paid-insufficient-funds' },
    {
      requests: 1,
      payments: 1,
      text: /^⚠️ The wallet cannot cover the \$0\.01\d* that this request costs, so it exceeds your current quota\. Add USDC to it\.$/,
    },
  ],
  [
    'the payee is not the trusted one',
    { environment: { BLOCKRUN_PAY_TO: '0x00000000000000000000000000000000000000aa' } },
    {
      requests: 1,
      payments: 0,
      text: /^⚠️ The seller asks to pay 0x\w+ for \$0\.01\d*, but only 0x0{38}aa is trusted; if you know that this is right, run "payee trust" or set BLOCKRUN_PAY_TO\. Nothing was paid/,
    },
  ],
  [
    'the price is not in USDC on Base',
    { fault: 'quote-foreign-asset' },
    { requests: 1, payments: 0, text: /^⚠️ The seller's price is not payable in USDC on Base/ },
  ],
  [
    'the price cannot be read',
    { fault: 'quote-unreadable' },
    {
      requests: 1,
      payments: 0,
      text: /^⚠️ The seller asks for a payment in a form that cannot be read .* none of the daily quota was used\.$/,
    },
  ],
  [
    'the model is not allowed',
    { model: 'openai/none' },
    { requests: 1, payments: 0, text: 'The selected model was not found by the provider. Check the model id or choose a different model.' },
  ],
  [
    'the seller refuses the request',
    { fault: 'error-400' },
    { requests: 1, payments: 0, text: 'LLM request failed: provider rejected the request schema or tool payload.' },
  ],
  ['the seller is down before the payment', { fault: 'error-500' }, { requests: 'several', payments: 0, text: TEMPORARY }],
  [
    'the seller cuts the connection before the payment',
    { fault: 'reset-before-quote' },
    { requests: 'several', payments: 0, text: TEMPORARY },
  ],
  ['the seller fails after the payment', { fault: 'paid-500' }, { requests: 1, payments: 1, text: unresolved() }],
  ['the edge gives up after the payment', { fault: 'paid-524-settled' }, { requests: 1, payments: 1, text: unresolved() }],
  ['the connection closes after the payment', { fault: 'paid-drop-after-settle' }, { requests: 1, payments: 1, text: unresolved() }],
  ['the settlement fails', { fault: 'paid-settlement-failed' }, { requests: 1, payments: 1, text: unresolved() }],
  ['a paid failure comes in words that ask for a repeat', { fault: 'paid-500-steering' }, { requests: 1, payments: 1, text: unresolved() }],
  ['an error is the first event of a paid stream', { fault: 'stream-error-first' }, { requests: 1, payments: 1, text: unresolved() }],
  [
    'a paid stream breaks after the first byte',
    { fault: 'stream-cut' },
    { requests: 1, payments: 1, text: /^This answer was\n⚠️ Reply truncated/ },
  ],
  [
    'an error event comes inside a paid stream',
    { fault: 'stream-error' },
    { requests: 1, payments: 1, text: /^This answer was\n⚠️ Reply truncated/ },
  ],
];

function unresolved(): RegExp {
  return /^⚠️ The seller was paid and gave no whole answer\. .*\$0\.01\d* .* towards your quota \(daily usage limit\)\. Sending this again buys it again\.$/;
}

describe('the real OpenClaw', () => {
  let world: World;

  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(() => world.stop());

  const note = (name: string, measured: MeasuredTurn) => {
    const file = process.env.OPENCLAW_MEASURED;
    if (file !== undefined) appendFileSync(file, `${JSON.stringify({ name, ...measured, turn: measured.turn.error?.kind })}\n`);
  };

  it.each(ROWS)('where %s asks as often as it should, and shows its user why', async (name, turn, { requests, payments, text }) => {
    const measured = await measuredTurn(world, turn);
    note(name, measured);
    expect(measured.text).toMatch(text);
    expect(measured.payments).toBe(payments);
    if (requests === 'several') expect(measured.requests).toBeGreaterThan(1);
    else expect(measured.requests).toBe(requests);
  });

  it('where calls in flight hold the budget waits for them, and then pays once', async () => {
    const measured = await measuredTurn(world, {
      environment: { BLOCKRUN_DAILY_BUDGET_USD: '0.05', BLOCKRUN_HOLD_WAIT_MS: '0', BLOCKRUN_TIMEOUT_MS: '300000' },
      meanwhile: (proxy, statuses) => {
        const gone = new AbortController();
        const held = proxy.post(chatBody({ x_sandbox: { fault: 'hang-before-quote' } }), { signal: gone.signal }).catch(() => undefined);
        // It is given up once OpenClaw has been refused.
        const watch = setInterval(() => statuses.includes(429) && gone.abort(), 100);
        return async () => {
          clearInterval(watch);
          gone.abort();
          await held;
        };
      },
    });
    note('calls in flight hold the budget', measured);
    expect([measured.turn.ok, measured.payments]).toEqual([true, 1]);
    expect(measured.statuses).toEqual([429, 200]);
  });

  it('where the seller limits the rate waits as long as it is told, and then pays once', async () => {
    const measured = await measuredTurn(world, {
      fault: 'error-429',
      meanwhile: (_proxy, statuses) => {
        // The limit is over once OpenClaw has met it.
        const watch = setInterval(() => {
          if (statuses.includes(429)) world.seller.faults.always = undefined;
        }, 100);
        return () => Promise.resolve(clearInterval(watch));
      },
    });
    note('the seller limits the rate', measured);
    expect([measured.turn.ok, measured.payments]).toEqual([true, 1]);
    expect([measured.requests, measured.statuses]).toEqual([2, [429, 200]]);
  });

  it('where the seller says that it took nothing asks again, and each payment keeps counting until it cannot be taken any more', async () => {
    const measured = await measuredTurn(world, { fault: 'paid-500-not-charged' });
    note('the seller says that it took nothing', measured);
    expect(measured.text).toMatch(TEMPORARY);
    expect(measured.payments).toBe(measured.requests);
  });
});
