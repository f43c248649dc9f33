import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startWorld, type World } from '../../sandbox/world.js';
import { faultsOfAnswer } from '../support/openai-watch.js';
import { chunksOf, ProxyUnderTest } from './proxy.js';

/** What OpenClaw 2026.9.6 sent, recorded; long texts are filler of the same length. */
interface Recorded {
  headers: Record<string, string>;
  body: { model: string; messages: { role: string; content: unknown }[]; max_completion_tokens: number };
}
const recorded = (name: string) => JSON.parse(readFileSync(new URL(`../openclaw/${name}.json`, import.meta.url), 'utf8')) as Recorded;

describe('a request of OpenClaw', () => {
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

  it.each(['plain-turn', 'after-a-tool-ran', 'retry-after-a-500', 'main-agent'])(
    'is paid for and streamed, and reaches the seller to the letter but for the name of its limit (%s)',
    async (name) => {
      const { headers, body } = recorded(name);
      const sends = world.seller.paidSends;
      for (const prefix of ['', 'blockrun-x402/']) {
        const text = JSON.stringify({ ...body, model: prefix + body.model });
        const response = await proxy.post(text, { headers });
        const answer = await response.text();
        expect(response.status).toBe(200);
        expect(faultsOfAnswer('/v1/chat/completions', response, answer)).toEqual([]);
        expect(chunksOf(answer).at(-1)).toMatchObject({ choices: [], usage: { completion_tokens: expect.any(Number) } });
        expect(world.seller.bodies.at(-1)?.raw.toString()).toBe(JSON.stringify(body).replace('"max_completion_tokens"', '"max_tokens"'));
      }
      // The second one means the same, so it shares the first one's answer.
      expect(world.seller.paidSends - sends).toBe(1);
    },
  );

  it('that follows a tool has its null content, its ids, and the user’s message at the end', () => {
    const { messages } = recorded('after-a-tool-ran').body;
    expect(messages.map(({ role, content }) => [role, Array.isArray(content) ? 'parts' : content === null ? null : 'text'])).toEqual([
      ['system', 'text'],
      ['user', 'text'],
      ['assistant', null],
      ['tool', 'text'],
      ['user', 'parts'],
    ]);
  });
});
