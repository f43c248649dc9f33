import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { redacted } from '../../../src/errors/redacted.js';

const KEY = 'ab'.repeat(32);

describe('a line of the log', () => {
  it.each([
    ['a key', `the key 0x${KEY} is`, 'the key [hex] is'],
    ['a key without 0x, in capitals', `k=${KEY.toUpperCase()};`, 'k=[hex];'],
    ['a signature', `sig 0x${'1b'.repeat(65)}`, 'sig [hex]'],
    ['a signature of Solana', `sig ${'zK5x'.repeat(22)}.`, 'sig [base58].'],
    ['a token', 'authorization: Bearer abc.def-123', 'authorization: Bearer [secret]'],
    ['a password in a URL', 'connect postgres://proxy:hunter2@db.example/b failed', 'connect postgres://[secret]@db.example/b failed'],
    [
      'a payment',
      `header ${Buffer.from(JSON.stringify({ x402Version: 2, payload: { signature: '0x' } })).toString('base64')} sent`,
      'header [base64] sent',
    ],
  ])('does not show %s', (_what, line, shown) => {
    expect(redacted(line)).toBe(shown);
  });

  it.each([
    'listening on http://127.0.0.1:8787',
    'req_0190a payee 0xe9030014F5DAe217d0A152f02A043567b16c1aBf',
    '{"level":30,"time":1790000000000}',
  ])('is left as it is where there is nothing to hide: %s', (line) => expect(redacted(line)).toBe(line));

  it('never shows a key, whatever stands around it', () => {
    const key = fc.stringMatching(/^[0-9a-f]{64}$/);
    fc.assert(
      fc.property(fc.string(), key, fc.string(), (before, digits, after) => !redacted(`${before}${digits}${after}`).includes(digits)),
    );
  });
});
