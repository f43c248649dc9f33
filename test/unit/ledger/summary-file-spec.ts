import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SummaryFile } from '../../../src/ledger/summary-file.js';
import { TemporaryDirectory } from '../../support/temporary-directory.js';

const totals = (day: string, spentMicroUsd: bigint, calls: number) => ({ day, spentMicroUsd, calls });

describe('the daily summary', () => {
  let directory: TemporaryDirectory;
  let file: SummaryFile;

  beforeEach(() => {
    directory = new TemporaryDirectory();
    file = new SummaryFile(directory.file('ledger.json'));
  });
  afterEach(() => directory.remove());

  it('is written in the shape of the original', async () => {
    await file.write([totals('2026-06-06', 2600n, 1), totals('2026-06-07', 1_000_000n, 20)]);
    expect(JSON.parse(readFileSync(file.path, 'utf8'))).toEqual({
      '2026-06-06': { spentUsd: 0.0026, calls: 1 },
      '2026-06-07': { spentUsd: 1, calls: 20 },
    });
  });

  it('is rid of what killed processes left, and of nothing that another one is just writing', async () => {
    const at = (pid: string) => `${file.path}.${pid}.tmp`;
    for (const pid of ['1', '3']) writeFileSync(at(pid), '{}');
    utimesSync(at('1'), 0, 0);
    symlinkSync(directory.file('gone'), at('2')); // as a file that was there when the directory was read, and is not any more
    await file.removeLeftovers();
    expect(readdirSync(directory.path).toSorted()).toEqual(['ledger.json.2.tmp', 'ledger.json.3.tmp']);
  });

  it('is the same after it was written and read again', async () => {
    const days = [totals('2026-06-06', 2600n, 1), totals('2026-06-07', 1n, 0)];
    await file.write(days);
    expect(file.read()).toEqual(days);
  });

  it('is private, also when it was not before', async () => {
    writeFileSync(file.path, '{}');
    chmodSync(file.path, 0o644);
    await file.write([]);
    expect(statSync(file.path).mode & 0o777).toBe(0o600);
  });

  it('is replaced in one step: who has opened it still reads the old one whole', async () => {
    await file.write([totals('2026-06-06', 1n, 1)]);
    const before = statSync(file.path).ino;
    await file.write([totals('2026-06-06', 2n, 2)]);
    expect(statSync(file.path).ino).not.toBe(before);
    expect(readdirSync(directory.path)).toEqual(['ledger.json']);
  });

  it('stays as it was when the new one cannot be written', async () => {
    await file.write([totals('2026-06-06', 1n, 1)]);
    const before = readFileSync(file.path, 'utf8');
    mkdirSync(`${file.path}.${process.pid}.tmp`);
    await expect(file.write([totals('2026-06-06', 2n, 2)])).rejects.toThrow();
    expect(readFileSync(file.path, 'utf8')).toBe(before);
  });

  it('may be missing', () => {
    expect(file.read()).toBeUndefined();
  });

  it('of the original may lack the calls', () => {
    writeFileSync(file.path, '{"2026-06-06":{"spentUsd":0.0026}}');
    expect(file.read()).toEqual([totals('2026-06-06', 2600n, 0)]);
  });
});

const CORRUPT: [name: string, text: string][] = [
  ['is empty', ''],
  ['is cut in the middle', '{"2026-06-06":{"spentUsd":0.00'],
  ['is null', 'null'],
  ['is a text', '"2026-06-06"'],
  ['has a list of days', '[{"spentUsd":1}]'],
  ['has a day that is none', '{"today":{"spentUsd":1,"calls":1}}'],
  ['has no facts of a day', '{"2026-06-06":null}'],
  ['has a day that is a number', '{"2026-06-06":1}'],
  ['has the cost as text', '{"2026-06-06":{"spentUsd":"1","calls":1}}'],
  ['has a negative cost', '{"2026-06-06":{"spentUsd":-1,"calls":1}}'],
  ['has no cost', '{"2026-06-06":{"calls":1}}'],
  ['has an endless cost', '{"2026-06-06":{"spentUsd":1e999,"calls":1}}'],
  ['has a cost beyond all numbers of micro-USD', '{"2026-06-06":{"spentUsd":1e308,"calls":1}}'],
  ['has half a call', '{"2026-06-06":{"spentUsd":1,"calls":0.5}}'],
  ['has a negative number of calls', '{"2026-06-06":{"spentUsd":1,"calls":-1}}'],
  ['has the calls as text', '{"2026-06-06":{"spentUsd":1,"calls":"1"}}'],
  // Guards against a summary of another form that is read as one without days: what was spent today would restart at zero.
  ['is a number', '5'],
  ['is true', 'true'],
  ['is an empty list', '[]'],
  ['is an empty text', '""'],
];

describe('a daily summary that cannot be understood', () => {
  let directory: TemporaryDirectory;
  beforeEach(() => {
    directory = new TemporaryDirectory();
  });
  afterEach(() => directory.remove());

  it.each(CORRUPT)('because it %s is refused and not taken for zero', (_name, text) => {
    const path = directory.file('ledger.json');
    writeFileSync(path, text);
    expect(() => new SummaryFile(path).read()).toThrow(
      expect.objectContaining({
        code: 'ledger_unavailable',
        message: expect.stringContaining(`The daily summary ${path} cannot be taken over`),
      }),
    );
  });

  it('because it is a directory is refused', () => {
    expect(() => new SummaryFile(directory.path).read()).toThrow(expect.objectContaining({ code: 'ledger_unavailable' }));
  });
});
