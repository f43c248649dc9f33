import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startWorld, type World } from '../../sandbox/world.js';
import { FREE_MODEL, MODEL, ProxyUnderTest } from './proxy.js';

const CLI = fileURLToPath(new URL('../../node_modules/compatcanary/src/cli.js', import.meta.url));

describe('a scan by compatcanary', () => {
  let world: World;
  let proxy: ProxyUnderTest;

  beforeAll(async () => {
    world = await startWorld({ chain: 'none' });
    proxy = await ProxyUnderTest.start({ world });
  });
  afterAll(async () => {
    await proxy.remove();
    await world.stop();
  });

  it.each([MODEL, FREE_MODEL])('of its chat profile gives 100 points (%s)', async (model) => {
    const { stdout } = await promisify(execFile)(process.execPath, [
      CLI,
      ...['scan', '--profile', 'chat', '--format', 'json', '--base-url', `${proxy.url}/v1`, '--model', model],
    ]);
    const report = JSON.parse(stdout) as { score: number; results: { id: string; status: string; summary: string }[] };
    expect(report.results.filter(({ status }) => status !== 'pass')).toEqual([]);
    expect(report.score).toBe(100);
    expect(report.results).toHaveLength(5);
  });
});
