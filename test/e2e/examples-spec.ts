import { execFile, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startWorld, type World } from '../../sandbox/world.js';
import { readModelsFile } from '../../src/models/models-file.js';
import { ProxyUnderTest } from './proxy.js';

const EXAMPLES = fileURLToPath(new URL('../../examples/', import.meta.url));
const ANSWER = 'This answer was made in the sandbox by no model at all';

const works = (program: string, ...parameters: string[]) => spawnSync(program, parameters).status === 0;

describe('the examples', () => {
  let world: World;
  let proxy: ProxyUnderTest;

  beforeAll(async () => {
    world = await startWorld({ chain: 'none' });
    // The examples ask the same, and would share one answer.
    proxy = await ProxyUnderTest.start({ world, environment: { BLOCKRUN_REPLAY_WINDOW_MS: '0' } });
  });
  afterAll(async () => {
    await proxy.remove();
    await world.stop();
  });

  const run = async (program: string, name: string) => {
    const sends = world.seller.paidSends;
    const { stdout } = await promisify(execFile)(program, [EXAMPLES + name, `${proxy.url}/v1`]);
    return { stdout, purchases: world.seller.paidSends - sends };
  };

  it.each<[string, number, string]>([
    ['openai-node.mjs', 1, 'cost 0.002000 USD'],
    ['vercel-ai-sdk.mjs', 2, 'cost 0.002000 USD'],
    ['langchain.mjs', 1, 'tokens 19'],
  ])('%s runs, and buys %i', async (name, purchases, end) => {
    const run1 = await run(process.execPath, name);
    expect(run1.stdout).toContain(ANSWER);
    expect(run1.stdout.trimEnd().endsWith(end)).toBe(true);
    expect(run1.purchases).toBe(purchases);
  });

  it('curl.sh runs', async () => {
    if (!works('curl', '--version')) return console.warn('NOT RUN: examples/curl.sh, since there is no curl here');
    const { stdout, purchases } = await run('bash', 'curl.sh');
    expect(stdout).toContain('data: [DONE]');
    expect(stdout).toContain('"remainingUsd"');
    expect(purchases).toBe(1);
  });

  it('openai-python.py is valid Python, and runs where the SDK is installed', async () => {
    const path = `${EXAMPLES}openai-python.py`;
    if (!works('python3', '--version')) return console.warn('NOT CHECKED: examples/openai-python.py, since there is no python3 here');
    const parsed = spawnSync('python3', ['-c', 'import ast, sys; ast.parse(open(sys.argv[1]).read())', path]);
    expect(parsed.stderr.toString()).toBe('');
    if (!works('python3', '-c', 'import openai'))
      return console.warn('NOT RUN: examples/openai-python.py, since its SDK is not installed here');
    expect((await run('python3', 'openai-python.py')).stdout).toContain(ANSWER);
  });

  it('openclaw.json5 has models that are allowed, at their prices', () => {
    const text = readFileSync(`${EXAMPLES}openclaw.json5`, 'utf8');
    const entries = [...text.matchAll(/id: '([^']+)'[\s\S]*?cost: \{ input: ([\d.]+), output: ([\d.]+)[\s\S]*?contextWindow: (\d+)/g)];
    expect(entries.length).toBeGreaterThan(0);
    for (const [, id, input, output, contextWindow] of entries) {
      const model = readModelsFile().models.find((candidate) => candidate.id === id);
      expect([input, output, contextWindow].map(Number)).toEqual([
        Number(model?.inputUsdPerMillionTokens),
        Number(model?.outputUsdPerMillionTokens),
        model?.contextWindow,
      ]);
    }
  });

  it('of clients are all in this test', () => {
    const tested = ['curl.sh', 'langchain.mjs', 'openai-node.mjs', 'openai-python.py', 'openclaw.json5', 'vercel-ai-sdk.mjs'];
    expect(
      readdirSync(EXAMPLES)
        .filter((name) => !/^__|\.(service|socket|yml)$|^grafana-/.test(name))
        .sort(),
    ).toEqual(tested);
  });
});
