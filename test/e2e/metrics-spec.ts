import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startWorld, type World } from '../../sandbox/world.js';
import { type DayTotals } from '../../src/ledger/hold.js';
import { Ledger } from '../../src/ledger/ledger.js';
import { LedgerReader } from '../../src/ledger/ledger-reader.js';
import { type Usage, usageReport } from '../../src/ledger/usage.js';
import { formatUsd } from '../../src/money/micro-usd.js';
import { SpendingControl } from '../../src/ledger/spending-control.js';
import { namesOf, samplesOf } from '../support/scrape.js';
import { until } from '../support/until.js';
import { chatBody, FREE_MODEL, MODEL, ProxyUnderTest } from './proxy.js';

const NANO = 'openai/gpt-5.4-nano';
/** Requests that the test below makes, by model and how they end. */
const REQUESTS = {
  [MODEL]: { settled: 4, unresolved: 1, released: 1, replayed: 1 },
  [NANO]: { settled: 1 },
  [FREE_MODEL]: { free: 1 },
  other: { refused: 3 },
} as Record<string, Record<string, number>>;

describe('the metrics after mixed calls', () => {
  let world: World;
  let proxy: ProxyUnderTest;
  let text: string;
  let samples: Map<string, number>;
  let today: DayTotals;
  let total: Usage;

  const scrape = async () => (await fetch(`${proxy.url}/metrics`)).text();
  const statuses = async () => {
    const same = chatBody();
    const seen: number[] = [];
    for (const fields of [
      {},
      { stream: true },
      { stream: true, stream_options: { include_usage: true } },
      { model: NANO },
      { model: FREE_MODEL },
      { x_sandbox: { fault: 'paid-drop-after-settle' } },
      { x_sandbox: { fault: 'quote-foreign-asset' } },
      same,
      same,
      { model: 'evil/made-up-model' },
      { messages: [] },
    ])
      seen.push((await proxy.chat(fields)).status);
    seen.push((await fetch(`${proxy.url}/v1/budget`, { headers: { origin: 'https://evil.example' } })).status);
    return seen;
  };

  beforeAll(async () => {
    world = await startWorld();
    proxy = await ProxyUnderTest.start({ world });
    expect(await statuses()).toEqual([200, 200, 200, 200, 200, 400, 429, 200, 200, 404, 400, 403]);
    const requests = Object.values(REQUESTS).reduce((sum, outcomes) => sum + Object.values(outcomes).reduce((a, b) => a + b, 0), 0);
    await until(async () => {
      text = await scrape();
      samples = samplesOf(text);
      return (
        [...samples].filter(([name]) => name.startsWith('blockrun_requests_total')).reduce((sum, [, value]) => sum + value, 0) >= requests
      );
    }, 'every request to be counted');
    const day = new Date().toISOString().slice(0, 10);
    today = await proxy.app.get<Ledger>(Ledger, { strict: false }).totals(day);
    const range = { from: day, to: day };
    total = usageReport(range, 'day', await proxy.app.get(LedgerReader, { strict: false }).usage(range)).total;
  });
  afterAll(async () => {
    await proxy.remove();
    await world.stop();
  });

  const usd = (amount: bigint) => Number(formatUsd(amount));

  it('have the amounts of the ledger to the micro-dollar', () => {
    const { spentMicroUsd: spent, unresolvedMicroUsd: unresolved, calls } = today;
    expect(spent).toBeGreaterThan(0n);
    expect(unresolved).toBeGreaterThan(0n);
    expect(samples.get('blockrun_budget_spent_usd')).toBe(usd(spent));
    expect(samples.get('blockrun_spent_usd_total')).toBe(usd(spent));
    expect(samples.get('blockrun_budget_held_usd')).toBe(usd(unresolved));
    expect(samples.get('blockrun_budget_unresolved_usd')).toBe(usd(unresolved));
    expect(samples.get('blockrun_budget_cap_usd')).toBe(1);
    expect(samples.get('blockrun_budget_remaining_usd')).toBe(usd(1_000_000n - spent - unresolved));
    expect(samples.get('blockrun_budget_calls')).toBe(calls);
    expect(samples.get('blockrun_unresolved_payments')).toBe(total.unresolved);
  });

  it('count each request once, by model and outcome, as the ledger does', () => {
    for (const [model, outcomes] of Object.entries(REQUESTS)) {
      for (const [outcome, count] of Object.entries(outcomes))
        expect([model, outcome, samples.get(`blockrun_requests_total{model="${model}",outcome="${outcome}"}`)]).toEqual([
          model,
          outcome,
          count,
        ]);
    }
    const ended = (outcome: string) =>
      [...samples]
        .filter(([name]) => name.startsWith('blockrun_requests_total') && name.includes(`outcome="${outcome}"`))
        .reduce((sum, [, n]) => sum + n, 0);
    expect(ended('settled')).toBe(total.paidCalls);
    expect(ended('settled') + ended('free')).toBe(total.calls);
    expect(ended('unresolved')).toBe(total.unresolved);
  });

  it('count refusals by their code', () => {
    for (const reason of ['offer_refused', 'model_not_found', 'invalid_request', 'foreign_origin'])
      expect(samples.get(`blockrun_refusals_total{reason="${reason}"}`)).toBe(1);
  });

  it('time every step of every payment, and the first text of every stream', () => {
    const signed = total.paidCalls + total.unresolved;
    for (const step of ['signing', 'record', 'ledger_sync'])
      expect([step, samples.get(`blockrun_${step}_seconds_count`)]).toEqual([step, signed]);
    expect(samples.get('blockrun_quote_seconds_count')).toBe(total.holds);
    expect(samples.get(`blockrun_first_token_seconds_count{model="${MODEL}"}`)).toBe(2);
    expect(samples.get(`blockrun_first_token_seconds_sum{model="${MODEL}"}`)).toBeGreaterThan(0);
    expect(samples.get('blockrun_request_seconds_count{model="other"}')).toBe(3);
    expect(samples.get('nodejs_eventloop_lag_p99_seconds')).toBeGreaterThanOrEqual(0);
  });

  it('have no series for a model that a client made up', () => {
    expect(text).not.toContain('made-up');
  });

  it('tell a stop, and are there while nothing can be paid', async () => {
    const control = proxy.app.get(SpendingControl, { strict: false });
    expect([samples.get('blockrun_can_pay'), samples.get('blockrun_spending_stopped')]).toEqual([1, 0]);
    await control.stop('a look at the books');
    const stopped = samplesOf(await scrape());
    expect([stopped.get('blockrun_can_pay'), stopped.get('blockrun_spending_stopped')]).toEqual([0, 1]);
    await control.resume('looked');
  });

  it('are all that the example alerts and the example dashboard ask for', async () => {
    const names = namesOf(await scrape());
    names.add('up'); // Prometheus' own
    const alerts = readFileSync('examples/prometheus-alerts.yml', 'utf8');
    const dashboard = JSON.parse(readFileSync('examples/grafana-dashboard.json', 'utf8')) as { panels: { targets: { expr: string }[] }[] };
    const expressions = [
      ...[...alerts.matchAll(/^ {8}expr: (.+)$/gm)].map(([, expression = '']) => expression),
      ...dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)),
    ];
    expect(expressions.length).toBeGreaterThan(30);
    const asked = new Set(expressions.flatMap((expression) => metricsOf(expression)));
    expect(asked.size).toBeGreaterThan(15);
    expect([...asked].filter((name) => !names.has(name))).toEqual([]);
  });

  it('are for whoever has the token, where one is set', async () => {
    const guarded = await ProxyUnderTest.start({ world, environment: { BLOCKRUN_PROXY_TOKEN: 'a-token-of-some-length' } });
    const statusWith = async (headers: Record<string, string>) => (await fetch(`${guarded.url}/metrics`, { headers })).status;
    expect([await statusWith({}), await statusWith({ authorization: 'Bearer a-token-of-some-length' })]).toEqual([401, 200]);
    await guarded.remove();
  });
});

/** The names in a PromQL expression that are no functions, keywords or labels. */
function metricsOf(expression: string): string[] {
  const bare = expression.replace(/\{[^}]*\}|\[[^\]]*\]|by \([^)]*\)/g, ' ');
  const words = [...bare.matchAll(/[a-z_]\w*(?!\w*\s*\()/g)].map(([word]) => word);
  return words.filter((word) => !['and', 'or', 'unless', 'by'].includes(word) && !new RegExp(`\\b${word}\\s*\\(`).test(bare));
}
