import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { CallFeed } from '../../../src/calls/call-feed.js';
import type { FinishedCall } from '../../../src/calls/finished-call.js';

const CALL: FinishedCall = {
  id: 'req_1',
  endedAt: new Date('2026-11-27T12:00:00Z'),
  model: 'openai/gpt-5.4-mini',
  client: undefined,
  streamed: false,
  state: 'settled',
  code: undefined,
  priceMicroUsd: 2600n,
  transaction: undefined,
  totalMs: 12,
  times: {},
};
const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('the feed of calls', () => {
  beforeAll(() => void Logger.overrideLogger(false));
  afterAll(() => void Logger.overrideLogger(['log', 'error', 'warn', 'debug', 'verbose', 'fatal']));

  it('tells every follower, after the turn in which it was told', async () => {
    const feed = new CallFeed();
    const heard: string[] = [];
    for (const name of ['log', 'metrics']) feed.follow(({ id }) => heard.push(`${name} ${id}`));
    feed.tell(CALL);
    expect(heard).toEqual([]);
    await nextTurn();
    expect(heard).toEqual(['log req_1', 'metrics req_1']);
  });

  it('goes on when a follower fails, for the others and for that one', async () => {
    const feed = new CallFeed();
    const heard: string[] = [];
    feed.follow(({ id }) => {
      heard.push(`failing ${id}`);
      throw new Error('a follower that fails');
    });
    feed.follow(({ id }) => heard.push(id));
    feed.tell(CALL);
    feed.tell({ ...CALL, id: 'req_2' });
    await nextTurn();
    await nextTurn();
    expect(heard).toEqual(['failing req_1', 'req_1', 'failing req_2', 'req_2']);
  });
});
