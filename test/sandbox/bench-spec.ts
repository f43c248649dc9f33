import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type * as Children from '../../bench/children.js';
import type * as Lanes from '../../bench/lanes.js';
import { TemporaryDirectory } from '../support/temporary-directory.js';

/** Its programs start each other by where they are built. */
const built = (file: string) => import(new URL(`../../dist/bench/${file}`, import.meta.url).href);

describe('the benchmark', () => {
  const directory = new TemporaryDirectory();
  const opened: { stop(): Promise<void> }[] = [];
  let lanes: Lanes.Lanes;

  beforeAll(async () => {
    const { startChildren } = (await built('children.js')) as typeof Children;
    const { openLanes } = (await built('lanes.js')) as typeof Lanes;
    const children = await startChildren({
      directory: directory.path,
      tokens: 3,
      firstTokenMs: 0,
      opened: (child) => void opened.push(child),
    });
    lanes = openLanes(children, 1);
  });
  afterAll(async () => {
    await lanes.close();
    for (const child of opened.toReversed()) await child.stop();
    directory.remove();
  });

  it('gets the answer that each of its lanes is about, paid where it is to be paid', async () => {
    const ways: string[] = [];
    for (const { way, paid, streamed, call } of lanes.all) {
      await call();
      ways.push(`${way} ${paid ? 'paid' : 'free'} ${streamed ? 'stream' : 'JSON'}`);
    }
    expect(ways).toHaveLength(10);
  });
});
