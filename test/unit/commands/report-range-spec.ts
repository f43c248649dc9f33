import { describe, expect, it } from '@jest/globals';
import { InvalidArgumentError } from 'commander';
import { dayCount, MAX_DAYS, month, rangeOf } from '../../../src/commands/report-range.js';

const NOW = new Date('2026-06-06T23:59:59.999Z');

describe('the days of a report', () => {
  it.each([
    ['nothing', {}, '2026-05-31', '2026-06-06'],
    ['one day', { days: 1 }, '2026-06-06', '2026-06-06'],
    ['a leap year of days', { days: 366 }, '2025-06-06', '2026-06-06'],
    ['the current month', { month: true as const }, '2026-06-01', '2026-06-06'],
    ['the current month by name', { month: '2026-06' }, '2026-06-01', '2026-06-06'],
    ['a month that is over', { month: '2026-02' }, '2026-02-01', '2026-02-28'],
    ['the February of a leap year', { month: '2028-02' }, '2028-02-01', '2028-02-29'],
    ['a December', { month: '2025-12' }, '2025-12-01', '2025-12-31'],
    ['the last month that there is', { month: '9999-12' }, '9999-12-01', '9999-12-31'],
    ['two days', { from: '2026-06-06', to: '2026-06-07' }, '2026-06-06', '2026-06-07'],
    ['one and the same day twice', { from: '2026-06-06', to: '2026-06-06' }, '2026-06-06', '2026-06-06'],
  ])('from %s', (_name, options, from, to) => {
    expect(rangeOf(options, NOW)).toEqual({ from, to });
  });

  it('go on at midnight UTC, and a month with its last day is whole', () => {
    const midnight = new Date('2026-07-01T00:00:00.000Z');
    expect(rangeOf({ days: 1 }, midnight)).toEqual({ from: '2026-07-01', to: '2026-07-01' });
    expect(rangeOf({ month: true }, midnight)).toEqual({ from: '2026-07-01', to: '2026-07-01' });
    expect(rangeOf({ month: '2026-06' }, midnight)).toEqual({ from: '2026-06-01', to: '2026-06-30' });
    expect(rangeOf({ month: true }, new Date('2026-06-30T12:00:00Z'))).toEqual({ from: '2026-06-01', to: '2026-06-30' });
  });

  it.each([
    ['a first day alone', { from: '2026-06-06' }, /--from and --to/],
    ['a last day alone', { to: '2026-06-06' }, /--from and --to/],
    ['days in the wrong order', { from: '2026-06-07', to: '2026-06-06' }, /2026-06-07 is after --to 2026-06-06/],
    ['more days than can be reported', { from: '2016-05-29', to: '2026-06-06' }, new RegExp(`3661 days; at most ${MAX_DAYS}`)],
    ['all days that there are', { from: '0001-01-01', to: '9999-12-31' }, /at most/],
  ])('are not known from %s', (_name, options, problem) => {
    expect(rangeOf(options, NOW)).toEqual({ problem: expect.stringMatching(problem) });
  });

  it('are as many as can be reported', () => {
    expect(rangeOf({ from: '2016-05-30', to: '2026-06-06' }, NOW)).toEqual({ from: '2016-05-30', to: '2026-06-06' });
    expect(rangeOf({ days: MAX_DAYS }, NOW)).toEqual({ from: '2016-05-30', to: '2026-06-06' });
  });

  it.each(['0', '-1', '1.5', '', ' 7', '7 ', '3661', '1e2', 'seven', '99999999'])('are not counted by "%s"', (text) => {
    expect(() => dayCount(text)).toThrow(InvalidArgumentError);
  });

  it.each(['2026', '2026-13', '2026-00', '2026-6', '06-2026', '2026-06-06', 'June'])('have no month "%s"', (text) => {
    expect(() => month(text)).toThrow(InvalidArgumentError);
  });

  it('are counted, and have months, in plain figures', () => {
    expect([dayCount('1'), dayCount('30'), dayCount('3660'), month('2026-12')]).toEqual([1, 30, 3660, '2026-12']);
  });
});
