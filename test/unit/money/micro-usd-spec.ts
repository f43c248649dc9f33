import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { displayUsd, formatUsd, microUsdFromNumber, parseUsd, usdNumber } from '../../../src/money/micro-usd.js';

/** All amounts that a ledger can hold, and far more. */
const amounts = fc.bigInt({ min: 0n, max: 10n ** 18n - 1n });

describe('an amount in micro-USD', () => {
  it.each([
    ['1', 1_000_000n],
    ['1.00', 1_000_000n],
    ['0.05', 50_000n],
    ['0.002600', 2600n],
    ['0.000001', 1n],
    ['007.5', 7_500_000n],
    ['0', 0n],
    ['999999999999.999999', 999_999_999_999_999_999n],
  ])('reads %s', (text, amount) => {
    expect(parseUsd(text)).toBe(amount);
  });

  it.each(['', ' ', '-1', '+1', '1e-3', '1E5', '0x10', 'NaN', 'Infinity', '1.', '.5', '1,5', '0.0000001', '1 ', '1\n', '1_000', '١'])(
    'does not read %j',
    (text) => {
      expect(parseUsd(text)).toBeUndefined();
    },
  );

  it('does not read more than twelve digits before the point', () => {
    expect(parseUsd('1000000000000')).toBeUndefined();
  });

  it.each([
    [0n, '0.000000'],
    [1n, '0.000001'],
    [2600n, '0.002600'],
    [1_000_000n, '1.000000'],
    [123_456_789_012n, '123456.789012'],
    [-2600n, '-0.002600'],
    [-1_000_000n, '-1.000000'],
  ])('writes %d with six places', (amount, text) => {
    expect(formatUsd(amount)).toBe(text);
  });

  it.each([
    [0n, '$0.00'],
    [1_000_000n, '$1.00'],
    [50_000n, '$0.05'],
    [100_000n, '$0.10'],
    [2600n, '$0.0026'],
    [1_234_500n, '$1.2345'],
    [999_999n, '$0.999999'],
    [1n, '$0.000001'],
    [1_000_010n, '$1.00001'],
    [10_000_000n, '$10.00'],
  ])('shows %d to people with cents, and with more where cents would hide the truth', (amount, text) => {
    expect(displayUsd(amount)).toBe(text);
  });

  it('is the same after it was written and read again', () => {
    fc.assert(fc.property(amounts, (amount) => parseUsd(formatUsd(amount)) === amount));
  });

  it('is the same after it was shown and read again: nothing is rounded away', () => {
    fc.assert(fc.property(amounts, (amount) => parseUsd(displayUsd(amount).slice(1)) === amount));
  });

  it('stands in the fields of the original as the number that it wrote', () => {
    expect(usdNumber(2600n)).toBe(0.0026);
    expect(usdNumber(1_000_000n)).toBe(1);
    expect(JSON.stringify(usdNumber(1n))).toBe('0.000001');
  });
});

describe('a float of the original', () => {
  it.each([
    [0, 0n],
    [0.0026, 2600n],
    [0.1 + 0.2, 300_000n],
    [0.05 * 3, 150_000n],
    [1.1, 1_100_000n],
    [0.000001, 1n],
    [0.0000015, 2n],
    [0.0000001, 1n],
    [0.0026004, 2601n],
  ])('%d becomes %d micro-USD', (usd, amount) => {
    expect(microUsdFromNumber(usd)).toBe(amount);
  });

  it('is never rounded down by more than the dust of its own format', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 10_000, noNaN: true }), (usd) => {
        const amount = Number(microUsdFromNumber(usd));
        expect(amount).toBeGreaterThanOrEqual(usd * 1e6 - 1e-3);
        expect(amount).toBeLessThan(usd * 1e6 + 1);
      }),
    );
  });

  it('that came from whole micro-USD gives them back exactly', () => {
    fc.assert(fc.property(fc.bigInt({ min: 0n, max: 10n ** 11n }), (amount) => microUsdFromNumber(usdNumber(amount)) === amount));
  });
});
