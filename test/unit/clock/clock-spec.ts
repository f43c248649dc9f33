import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { nextUtcDay, utcDay } from '../../../src/clock/clock.js';

const instants = fc.date({ min: new Date('1970-01-01T00:00:00Z'), max: new Date('2999-12-31T23:59:59.999Z'), noInvalidDate: true });

describe('the UTC day', () => {
  it.each([
    ['2026-06-06T00:00:00.000Z', '2026-06-06', '2026-06-07T00:00:00.000Z'],
    ['2026-06-06T23:59:59.999Z', '2026-06-06', '2026-06-07T00:00:00.000Z'],
    ['2026-06-06T23:30:00-05:00', '2026-06-07', '2026-06-08T00:00:00.000Z'],
    ['2026-12-31T12:00:00Z', '2026-12-31', '2027-01-01T00:00:00.000Z'],
    ['2028-02-28T12:00:00Z', '2028-02-28', '2028-02-29T00:00:00.000Z'],
    ['2026-02-28T12:00:00Z', '2026-02-28', '2026-03-01T00:00:00.000Z'],
  ])('of %s is %s, and the next begins at %s', (instant, day, next) => {
    expect(utcDay(new Date(instant))).toBe(day);
    expect(nextUtcDay(new Date(instant)).toISOString()).toBe(next);
  });

  it('lasts until the next begins, and not a millisecond longer', () => {
    fc.assert(
      fc.property(instants, (instant) => {
        const next = nextUtcDay(instant);
        expect(next.getTime()).toBeGreaterThan(instant.getTime());
        expect(utcDay(new Date(next.getTime() - 1))).toBe(utcDay(instant));
        expect(utcDay(next)).not.toBe(utcDay(instant));
      }),
    );
  });
});
