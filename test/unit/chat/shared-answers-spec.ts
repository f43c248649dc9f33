import { describe, expect, it } from '@jest/globals';
import { lastValueFrom, toArray } from 'rxjs';
import type { SharedAnswer } from '../../../src/chat/shared-answer.js';
import { SharedAnswers } from '../../../src/chat/shared-answers.js';
import type { Configuration } from '../../../src/configuration/configuration.js';
import type { Purchase } from '../../../src/budget/purchase.js';

const MEBI = 1024 * 1024;
const answers = () => new SharedAnswers({ replayWindowMs: 60_000 } as Configuration);
const identity = (name: string) => ({ key: undefined, bodyHash: name });
const purchase = { order: { requestId: 'r' } } as unknown as Purchase;
const told = (answer: SharedAnswer) => lastValueFrom(answer.follow(() => undefined).pipe(toArray()));

function buy(shared: SharedAnswers, name: string, texts: string[]): SharedAnswer {
  const { answer, isNew } = shared.find(identity(name));
  expect(isNew).toBe(true);
  answer.begin(purchase);
  for (const text of texts) answer.next(text);
  answer.finish({}, true);
  return answer;
}

describe('shared answers', () => {
  it('are found again, and told from their beginning', async () => {
    const shared = answers();
    buy(shared, 'a', ['one', 'two']);
    const { answer, isNew } = shared.find(identity('a'));
    expect(isNew).toBe(false);
    expect(await told(answer)).toEqual(['one', 'two']);
  });

  it('that are too long are not remembered, and those who follow get them whole', async () => {
    const shared = answers();
    const { answer } = shared.find(identity('a'));
    const follows = told(answer);
    answer.begin(purchase);
    const part = 'x'.repeat(MEBI);
    for (let parts = 0; parts < 9; parts += 1) answer.next(part);
    answer.finish({}, true);
    expect((await follows).join('')).toHaveLength(9 * MEBI);
    expect(shared.find(identity('a')).isNew).toBe(true);
  });

  it('are bounded together: the oldest goes first', () => {
    const shared = answers();
    const part = 'x'.repeat(7 * MEBI);
    for (let number = 0; number < 12; number += 1) buy(shared, `${number}`, [part]);
    const kept = Array.from({ length: 12 }, (_, number) => !shared.find(identity(`${number}`)).isNew);
    expect(kept.filter((is) => is)).toHaveLength(9);
    expect(kept.slice(0, 3)).toEqual([false, false, false]);
  });

  it('are bounded in number', () => {
    const shared = answers();
    for (let number = 0; number < 1100; number += 1) buy(shared, `${number}`, ['x']);
    expect(shared.find(identity('99')).isNew).toBe(true);
    expect(shared.find(identity('1099')).isNew).toBe(false);
  });

  it('that are still coming are never forgotten for others: these are not remembered then', () => {
    const shared = answers();
    const coming = Array.from({ length: 1000 }, (_, number) => shared.find(identity(`${number}`)).answer);
    expect(shared.find(identity('one more')).answer.isWhole).toBe(false);
    expect(coming.every(({ isWhole }) => isWhole)).toBe(true);
  });

  it('tell the one who buys that nobody wants it any more only when all have left', () => {
    const { answer } = answers().find(identity('a'));
    answer.enter();
    answer.enter();
    answer.leave();
    expect(answer.gone.aborted).toBe(false);
    answer.leave();
    expect(answer.gone.aborted).toBe(true);
  });
});
