import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts';
import { type Chain, startChain } from '../../sandbox/chain.js';
import { parseUsd } from '../../src/money/micro-usd.js';
import { loadScenarios } from './scenario.js';
import { type Marketplace, runScenario } from './scenario-run.js';
import { type Score, scoreTable } from './score.js';
import { startCashier } from './signature.js';
import { faultsOf } from './verdict.js';

const FUNDS_MICRO_USD = 5_000_000n;
const CLASSES = [
  'accepts_ordering',
  'asset_swap',
  'authorization_lifetime',
  'budget_split',
  'challenge_injection',
  'fake_delivery',
  'ghost_paywall',
  'lookalike_domain',
  'price_bait',
  'prose_payment',
  'rail_switch',
  'recipient_redirect',
  'replay',
  'resource_spoof',
  'retry_storm',
  'unit_confusion',
];

const scenarios = loadScenarios();

describe('a hostile seller', () => {
  let chain: Chain;
  let marketplace: Marketplace;
  const scores: Score[] = [];

  beforeAll(async () => {
    chain = await startChain();
    const key = generatePrivateKey();
    await chain.fund(privateKeyToAccount(key).address, FUNDS_MICRO_USD);
    marketplace = { chain, key, present: await startCashier(chain.rpcUrl) };
  });
  afterAll(async () => {
    process.stdout.write(scoreTable(scores));
    await chain.stop();
  });

  it.each(CLASSES)('of the class %s is met in three scenarios at least', (name) => {
    expect(scenarios.filter((scenario) => scenario.class === name).length).toBeGreaterThanOrEqual(3);
  });

  it.each(scenarios.map((scenario) => [`${scenario.class}/${scenario.name}`, scenario.says, scenario] as const))(
    '%s: %s',
    async (_name, _says, scenario) => {
      const outcome = await runScenario(scenario, marketplace);
      const faults = faultsOf(scenario, outcome);
      const { class: of, name } = scenario;
      scores.push({ class: of, name, isGood: faults.length === 0, lostMicroUsd: outcome.lostMicroUsd });
      expect(faults).toEqual([]);
    },
  );

  it('costs the wallet what was bought, and nothing on top', async () => {
    const bought = scenarios.reduce((sum, { expected }) => sum + (expected.allow ? (parseUsd(expected.maxUsd) ?? 0n) : 0n), 0n);
    const left = await chain.balanceOf(privateKeyToAccount(marketplace.key).address);
    expect(FUNDS_MICRO_USD - left).toBe(bought);
    expect(bought).toBeGreaterThan(0n);
  });
});
