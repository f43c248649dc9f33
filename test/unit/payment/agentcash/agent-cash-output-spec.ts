import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { type AgentCashOutcome, readCliOutput, readToolResult } from '../../../../src/payment/agentcash/agent-cash-output.js';
import { readSaidPrice } from '../../../../src/payment/agentcash/said-price.js';

/** What the real AgentCash 0.14.4 wrote, and what the server that it was pointed at saw: the truth to judge a reading by. */
interface Recorded {
  name: string;
  args: string[];
  stdout: string;
  serverSaw: string[];
}

const DIRECTORY = fileURLToPath(new URL('../../../data/agentcash/', import.meta.url));
const MCP = 'mcp-fetch-tool-success-and-error.json';
const files = readdirSync(DIRECTORY);
const read = (file: string): unknown => JSON.parse(readFileSync(DIRECTORY + file, 'utf8'));
const recordings = files.filter((file) => file !== MCP).map((file) => read(file) as Recorded);
const recording = (name: string) => recordings.find((one) => one.name === name) as Recorded;

const onlyX402 = (args: readonly string[]) =>
  args.some((arg, index) => arg === 'x402' && /^(-p|--payment-protocol)$/.test(args[index - 1] ?? ''));
const outcomeOf = ({ args, stdout }: Recorded) => readCliOutput(stdout, { onlyX402: onlyX402(args) });
const asX402 = ({ stdout }: Recorded) => readCliOutput(stdout, { onlyX402: true });
const paymentsIn = ({ serverSaw }: Recorded) => serverSaw.filter((line) => line.includes(' PAID '));
const amountsIn = (recorded: Recorded) => paymentsIn(recorded).map((line) => BigInt(/ PAID (\d+) atomic/.exec(line)?.[1] ?? -1));
const saidIn = (outcome: AgentCashOutcome) => ('said' in outcome ? outcome.said : undefined);

describe('the 94 recorded runs of the command', () => {
  it('are all there', () => {
    expect(recordings).toHaveLength(94);
    expect(recordings.filter((one) => paymentsIn(one).length > 0).length).toBeGreaterThan(40);
  });

  it.each(recordings.map((one): [string, Recorded] => [one.name, one]))('%s is not taken for what it was not', (_name, recorded) => {
    const outcome = outcomeOf(recorded);
    const payments = paymentsIn(recorded).length;
    if (outcome.kind === 'paid') expect(payments).toBeGreaterThan(0);
    if (outcome.kind === 'not-paid') expect(payments).toBe(0);
  });

  it.each(recordings.map((one): [string, Recorded] => [one.name, one]))('%s yields no exact cost', (_name, recorded) => {
    const said = saidIn(outcomeOf(recorded));
    if (said) expect(said.belowMicroUsd - said.fromMicroUsd).toBeGreaterThanOrEqual(50n);
  });

  const named = (kind: AgentCashOutcome['kind']) => recordings.filter((one) => outcomeOf(one).kind === kind).map(({ name }) => name);

  it('say of a payment that it was made only where a receipt says so', () => {
    expect(named('paid').sort()).toEqual(
      [
        'success-BYPASS-max-amount-1000-usd',
        'success-BYPASS-max-amount-when-payment-network-not-offered',
        'success-body-127KiB-argv',
        'success-max-amount-flag-overrides-settings-upward',
        'success-no-content-type-loses-body',
        'success-sse-after-payment',
        'success-sse-slow-after-payment-is-buffered',
        'success-text-plain-after-payment',
        'success-v2',
        'success-v2-2-cents',
        'success-v2-long-authorization',
        'success-v2-max-amount-exactly-price',
        'success-v2-micro-price-rounds-to-zero',
        'success-v2-multi-network-picks-balance',
        'success-v2-other-token-not-usdc',
        'success-v2-payment-network-base',
        'success-v2-private-key-env',
        'success-v2-settlement-amount',
        'success-v2-sub-cent',
        'success-v2-two-prices-takes-first',
        'success-v2-upto-settled-amount',
        'success-v2-verbose',
        'success-v2-x-payment-response-header',
      ].sort(),
    );
  });

  it('say that nothing was paid only where that is certain', () => {
    expect(named('not-paid').sort()).toEqual(
      [
        'error-bad-url',
        'error-max-amount-not-a-number',
        'error-max-amount-zero',
        'error-wallet-corrupt',
        'success-accounts',
        'success-balance',
        'success-check-endpoint',
        'success-free-endpoint',
        'success-settings-get',
        'success-sse-free',
      ].sort(),
    );
  });

  it('say nothing certain of everything else', () => {
    expect(named('unknown')).toHaveLength(61);
    for (const name of [
      'success-v2-quiet',
      'success-v2-pretty',
      'success-3MB-response',
      'signal-sigterm-during-paid-call',
      'error-unknown-flag',
    ])
      expect([name, outcomeOf(recording(name))]).toEqual([name, { kind: 'unknown', failure: undefined, said: undefined }]);
    for (const name of ['success-v2-no-settlement-header', 'success-v2-settlement-garbage', 'success-v2-settlement-success-false'])
      expect([name, outcomeOf(recording(name)).kind, paymentsIn(recording(name)).length]).toEqual([name, 'unknown', 1]);
  });
});

describe('an error', () => {
  it.each([
    'error-insufficient-balance',
    'error-price-above-max-amount-flag',
    'error-price-above-default-max-amount',
    'error-v1-body-not-supported',
    'error-network-base-sepolia',
    'error-BYPASS-max-amount-payment-network-base-solana-only',
  ])('%s comes before a payment, where only x402 was allowed', (name) => {
    expect(asX402(recording(name)).kind).toBe('not-paid');
    expect(readCliOutput(recording(name).stdout, { onlyX402: false }).kind).toBe('unknown');
  });

  it('of a second protocol hides a payment in the first, so it proves nothing', () => {
    const recorded = recording('error-dual-protocol-x402-timeout-reports-mpp');
    expect(paymentsIn(recorded)).toHaveLength(1);
    expect(outcomeOf(recorded)).toMatchObject({ kind: 'unknown', failure: { cause: 'insufficient_balance' } });
  });

  it.each(['400', '401', '404', '429', '500', '503'])('of a seller with status %s is the same before and after a payment', (status) => {
    const [free, unsettled, settled] = ['free', 'after-payment-unsettled', 'after-payment-settled'].map((when) =>
      recording(`error-upstream-${status}-${when}`),
    ) as [Recorded, Recorded, Recorded];
    expect([free, unsettled, settled].map((one) => paymentsIn(one).length)).toEqual([0, 1, 1]);
    expect(asX402(settled)).toEqual(asX402(free));
    expect(asX402(unsettled)).toEqual(asX402(free));
    expect(asX402(free).kind).toBe('unknown');
  });
});

describe('a price that AgentCash says', () => {
  it('is a range in which the settled amount lies', () => {
    for (const recorded of recordings) {
      const said = saidIn(outcomeOf(recorded));
      if (!said || outcomeOf(recorded).kind !== 'paid' || recorded.name.includes('upto')) continue;
      const [amount = -1n] = amountsIn(recorded);
      expect([recorded.name, amount >= said.fromMicroUsd, amount < said.belowMicroUsd]).toEqual([recorded.name, true, true]);
    }
  });

  it('is the same for amounts that are not, so no exact cost can be taken from it', () => {
    // The seller's receipts of these two said 12345 and 11111.
    expect(outcomeOf(recording('success-v2-settlement-amount'))).toEqual(outcomeOf(recording('success-v2')));
    const texts = ['0.010000', '0.012345', '0.014999'].map((usd) =>
      Number(usd).toLocaleString('en-US', { style: 'currency', currency: 'USD' }),
    );
    expect(texts).toEqual(['$0.01', '$0.01', '$0.01']);
  });

  it.each<[text: unknown, from: bigint, below: bigint]>([
    ['$0.01', 5_000n, 15_000n],
    ['$0.02', 15_000n, 25_000n],
    ['$0.0012', 1_150n, 1_250n],
    ['$0.00', 0n, 5_000n],
    ['$1,000.00', 999_995_000n, 1_000_005_000n],
    ['up to $0.10', 0n, 105_000n],
  ])('as %s is from %s to below %s micro-USD', (text, fromMicroUsd, belowMicroUsd) => {
    expect(readSaidPrice(text)).toEqual({ text, fromMicroUsd, belowMicroUsd });
  });

  it.each(['0.01', '$1', '$0.012345', '$1e3', '€0.01', '$-1.00', '$1000.00', '', 5, null, undefined])('as %j is none', (text) => {
    expect(readSaidPrice(text)).toBeUndefined();
  });
});

describe('a result of the tool of the server', () => {
  const { success, errorAfterSettledPayment } = read(MCP) as { success: object; errorAfterSettledPayment: object };
  const said = (...texts: unknown[]) => ({ content: texts.map((text) => ({ type: 'text', text: JSON.stringify(text) })) });

  it('with a receipt is a payment, of which only a range is known', () => {
    expect(readToolResult(success)).toMatchObject({
      kind: 'paid',
      said: { text: '$0.01' },
      transaction: expect.stringMatching(/^0x(ab){32}$/),
    });
  });

  it('that is an error after a payment was settled proves nothing', () => {
    expect(readToolResult(errorAfterSettledPayment)).toEqual({
      kind: 'unknown',
      failure: { cause: 'http', message: 'Internal Server Error' },
      said: undefined,
    });
  });

  it('without a receipt is unknown, although something was signed', () => {
    const metadata = { protocol: 'x402', network: 'base', price: '$0.01', payment: null };
    expect(readToolResult(said({ caught: true }, metadata))).toMatchObject({ kind: 'unknown', said: { text: '$0.01' } });
  });

  it('that refuses before it signs says so with its words', () => {
    const failure = { cause: 'insufficient_balance', message: 'Your current balance is 0.001 USDC.' };
    expect(readToolResult(said({ ...failure, type: 'before_payment', surface: 'fetch' }))).toEqual({ kind: 'not-paid', failure });
  });

  it.each([{}, { content: [] }, { content: 'text' }])('without content (%j) is unknown', (result) => {
    expect(readToolResult(result).kind).toBe('unknown');
  });

  it('that the protocol marks as an error is unknown, with its words', () => {
    expect(readToolResult({ ...said('Input validation error'), isError: true })).toEqual({
      kind: 'unknown',
      failure: { cause: 'tool_error', message: '"Input validation error"' },
      said: undefined,
    });
  });

  it.each([{ content: [null, 5, { type: 'image', data: '' }] }, said('text'), said([1])])(
    'of another form is no error of AgentCash (%j)',
    (result) => {
      expect(readToolResult(result)).toEqual({ kind: 'not-paid', failure: undefined });
    },
  );
});
