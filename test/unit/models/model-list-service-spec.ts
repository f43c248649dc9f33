import { existsSync, statSync, writeFileSync } from 'node:fs';
import { Logger } from '@nestjs/common';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Configuration } from '../../../src/configuration/configuration.js';
import { ModelCatalog } from '../../../src/models/model-catalog.js';
import { ModelListFile } from '../../../src/models/model-list-file.js';
import { ModelListService } from '../../../src/models/model-list.service.js';
import { ModelListSource } from '../../../src/models/model-list-source.js';
import type { ModelListAnswer } from '../../../src/models/seller-models.js';
import { FakeClock } from '../../support/fake-clock.js';
import { type Books, openBooks } from '../../support/open-books.js';
import { TemporaryDirectory } from '../../support/temporary-directory.js';

const HOUR_MS = 3_600_000;
const MODELS = 'google/*,xai/grok-4.3';
const gemini = (input: number, more = {}) => ({ id: 'google/gemini-3-flash-preview', pricing: { input, output: 3 }, ...more });
const grok = { id: 'xai/grok-4.3', pricing: { input: 1.5, output: 4 } };
const list = (...data: object[]): ModelListAnswer => ({ kind: 'list', text: JSON.stringify({ data }) });

describe('the seller’s list of models', () => {
  let home: TemporaryDirectory;
  let clock: FakeClock;
  let books: Books;
  let answers: (ModelListAnswer | undefined)[];
  let asked: number;

  beforeAll(() => void Logger.overrideLogger(false));
  afterAll(() => void Logger.overrideLogger(['error', 'warn', 'log']));
  beforeEach(async () => {
    home = new TemporaryDirectory();
    clock = new FakeClock();
    books = await openBooks({ directory: home.path, clock });
    [answers, asked] = [[], 0];
  });
  afterEach(async () => {
    expect(answers).toEqual([]);
    await books.close();
    home.remove();
  });

  /** As a process that starts on the files of the directory. */
  const start = () => {
    const catalog = new ModelCatalog(new Configuration({ BLOCKRUN_MODELS: MODELS }));
    const seller = {
      list: () => {
        asked += 1;
        if (answers.length === 0) throw new Error('nobody expected to be asked');
        return Promise.resolve(answers.shift());
      },
    };
    const source = new ModelListSource(seller, new ModelListFile(home.file('seller-models.json')), clock);
    const service = new ModelListService(source, catalog, books.audit);
    service.onModuleInit();
    return { catalog, service, source, price: () => catalog.allowed('google/gemini-3-flash-preview').model.inputUsdPerMillionTokens };
  };
  const told = () =>
    books
      .auditLines()
      .filter(({ event }) => event === 'model_changed')
      .map(({ kind, model, before, now }) => [kind, model, ...(kind === 'price' ? [before, now] : [])]);

  it('is asked for once an hour, and at a start only when it is older', async () => {
    answers = [list(gemini(0.5), grok)];
    const { service } = start();
    await Promise.all([service.refresh(), service.refresh()]);
    await service.refresh();
    clock.advanceMs(HOUR_MS - 1);
    await start().service.refresh();
    expect(asked).toBe(1);
    answers = [list(gemini(0.5), grok)];
    clock.advanceMs(1);
    await service.refresh();
    expect(asked).toBe(2);
  });

  it('is kept for this user alone, and known after a start with nobody to ask', async () => {
    answers = [list(gemini(0.7), grok)];
    await start().service.refresh();
    expect(statSync(home.file('seller-models.json')).mode & 0o777).toBe(0o600);
    const next = start();
    expect(next.price()).toBe('0.70');
    expect(next.source.fetchedAt).toEqual(clock.now());
  });

  it('stays the last one when no other can be got, and is asked for again after five minutes', async () => {
    answers = [list(gemini(0.7), grok)];
    const { service, price } = start();
    await service.refresh();
    const before = told();
    const failures: ModelListAnswer[] = [
      { kind: 'failed', reason: 'connect ECONNREFUSED' },
      { kind: 'list', text: '<html>' },
      { kind: 'list', text: '{"data":[]}' },
    ];
    clock.advanceMs(HOUR_MS);
    for (const failure of failures) {
      answers = [failure];
      await service.refresh();
      expect(price()).toBe('0.70');
      clock.advanceMs(5 * 60_000 - 1);
      await service.refresh();
      await start().service.refresh();
      clock.advanceMs(1);
    }
    expect(told()).toEqual(before);
  });

  it.each([
    ['a time that the seller names', 50 * 60_000, 50 * 60_000],
    ['a minute, when it names one that is over', -5000, 60_000],
    ['two hours at most', 1000 * HOUR_MS, 2 * HOUR_MS],
    ['five minutes, when it names none', undefined, 5 * 60_000],
  ])('that was asked for too often is left alone for %s', async (_what, untilMs, waitMs) => {
    const until = untilMs === undefined ? undefined : new Date(clock.now().getTime() + untilMs);
    answers = [{ kind: 'limited', until }];
    await start().service.refresh();
    clock.advanceMs(waitMs - 1);
    await start().service.refresh();
    answers = [list(grok)];
    clock.advanceMs(1);
    await start().service.refresh();
    expect(asked).toBe(2);
  });

  it('is asked for again after a clock that was years ahead', async () => {
    clock.turnTo('2036-01-01T00:00:00Z');
    answers = [list(grok)];
    await start().service.refresh();
    clock.turnTo('2026-06-07T00:00:00Z');
    answers = [list(grok)];
    await start().service.refresh();
    expect(asked).toBe(2);
  });

  it('is not asked for where there is nobody to ask', async () => {
    answers = [undefined];
    const { service, source } = start();
    await service.refresh();
    expect([source.fetchedAt, existsSync(home.file('seller-models.json'))]).toEqual([undefined, false]);
  });

  it('tells in the audit what it changes for allowed models, once', async () => {
    answers = [list(gemini(0.5), grok, { id: 'evil/model', pricing: { input: 1 } })];
    const { service } = start();
    await service.refresh();
    expect(told()).toEqual([]);
    for (const next of [list(gemini(0.9), { id: 'evil/model', pricing: { input: 2 } }), list(gemini(0.9)), list(gemini(0.9), grok)]) {
      answers = [next];
      clock.advanceMs(HOUR_MS);
      await service.refresh();
    }
    expect(told()).toEqual([
      ['gone', 'xai/grok-4.3'],
      ['price', 'google/gemini-3-flash-preview', '0.50 in, 3.00 out', '0.90 in, 3.00 out'],
      ['back', 'xai/grok-4.3'],
    ]);
  });

  it('is compared at first with what config/models.json says', async () => {
    answers = [list(gemini(0.7))];
    await start().service.refresh();
    expect(told()).toEqual([
      ['gone', 'xai/grok-4.3'],
      ['price', 'google/gemini-3-flash-preview', '0.50 in, 3.00 out', '0.70 in, 3.00 out'],
    ]);
  });

  it('tells after a restart what has changed since the list before', async () => {
    answers = [list(gemini(0.5), grok)];
    await start().service.refresh();
    clock.advanceMs(HOUR_MS);
    answers = [list(gemini(0.5))];
    await start().service.refresh();
    expect(told()).toEqual([['gone', 'xai/grok-4.3']]);
  });

  it('that another process has got is taken over without asking', async () => {
    const [one, other] = [start(), start()];
    answers = [list(gemini(0.8), grok)];
    await one.service.refresh();
    await other.service.refresh();
    expect([asked, other.price()]).toEqual([1, '0.80']);
  });

  it('that changes everything is told in few lines', async () => {
    const many = Array.from({ length: 300 }, (_, number) => ({ id: `google/model-${number}` }));
    answers = [list(...many, gemini(0.5), grok)];
    const { service } = start();
    await service.refresh();
    clock.advanceMs(HOUR_MS);
    answers = [list(gemini(0.5), grok)];
    await service.refresh();
    expect(told()).toHaveLength(51);
    expect(books.auditLines().at(-1)).toMatchObject({ kind: 'more', models: 250 });
  });

  it.each(['', '{', 'null', '{"fetchedAt":"2026-06-06T00:00:00Z"}', '{"fetchedAt":5,"nextAskAt":{},"models":[]}'])(
    'on disk that reads %j is got anew',
    async (text) => {
      writeFileSync(home.file('seller-models.json'), text);
      answers = [list(gemini(0.6), grok)];
      const { service, price } = start();
      await service.refresh();
      expect(price()).toBe('0.60');
    },
  );

  it('on disk makes no model allowed', () => {
    writeFileSync(
      home.file('seller-models.json'),
      JSON.stringify({ fetchedAt: clock.now(), nextAskAt: clock.now(), models: [{ id: 'evil/model' }] }),
    );
    expect(() => start().catalog.allowed('evil/model')).toThrow(expect.objectContaining({ code: 'model_not_found' }));
  });

  it('that cannot be kept is used all the same', async () => {
    const catalog = new ModelCatalog(new Configuration({ BLOCKRUN_MODELS: MODELS }));
    const file = new ModelListFile(home.file('no-such-directory/seller-models.json'));
    const source = new ModelListSource({ list: () => Promise.resolve(list(gemini(0.4), grok)) }, file, clock);
    await new ModelListService(source, catalog, books.audit).refresh();
    expect(catalog.allowed('google/gemini-3-flash-preview').model.inputUsdPerMillionTokens).toBe('0.40');
  });
});
