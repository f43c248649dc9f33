import { describe, expect, it } from '@jest/globals';
import { readableLine } from '../../../src/http/readable-line.js';

const line = (facts: Record<string, unknown>) =>
  readableLine(JSON.stringify({ level: 'warn', time: '2026-06-06T12:03:04.000Z', ...facts }));

describe('a line of the log for people', () => {
  it('has the time, the level, who says it, what, and its facts', () => {
    const text = line({ context: 'Call', msg: 'call unresolved', priceUsd: '0.002000', totalMs: 12, times: { signMs: 1 } });
    expect(text).toMatch(
      /^\d\d:\d\d:\d\d {2}WARN {3}Call {2}call unresolved {2}priceUsd=0\.002000 {2}totalMs=12 {2}times=\{"signMs":1\}\n$/,
    );
  });

  it('says nothing of the level where all is well', () => {
    expect(line({ level: 'info', msg: 'listening' })).toMatch(/^\d\d:\d\d:\d\d {9}listening\n$/);
  });

  it('goes on indented, so that what is said cannot look like a line of its own', () => {
    const forged = line({ msg: 'Error: no\r\n12:03:05 Call  call settled\n    at here' });
    expect(forged.split('\n').slice(1)).toEqual(['    12:03:05 Call  call settled', '        at here', '']);
  });

  it.each([
    ['\u001b[2K', '\\u001b[2K'],
    ['\r', '\\u000d'],
    ['\u202e', '\\u202e'],
    ['\u2028', '\\u2028'],
  ])('writes out %j', (sent, shown) => {
    expect(line({ msg: `a${sent}b`, fact: `c${sent}d` })).toContain(`a${shown}b  fact=c${shown}d\n`);
  });
});
