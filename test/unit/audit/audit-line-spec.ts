import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type AuditEvent, CHAIN_START, chainLine, linkOf } from '../../../src/audit/audit-line.js';
import { linesOf, verifyChain } from '../../support/audit-chain.js';

const AT = new Date('2026-06-06T15:00:00.000Z');

describe('a line of the audit', () => {
  it('begins with time and event, and ends with the chain', () => {
    const { text } = chainLine({ event: 'budget_reject', model: 'a/b', code: 'daily_limit_reached' }, AT, CHAIN_START);
    expect(Object.keys(JSON.parse(text) as object)).toEqual(['ts', 'event', 'model', 'code', 'prev', 'hash']);
    expect(text).toMatch(/^\{"ts":"2026-06-06T15:00:00\.000Z","event":"budget_reject",/);
  });

  it('leaves out what is not known and keeps what is null', () => {
    const { text } = chainLine({ event: 'chat_completion', payee: undefined, receiptRef: null }, AT, CHAIN_START);
    expect(JSON.parse(text)).not.toHaveProperty('payee');
    expect(JSON.parse(text)).toHaveProperty('receiptRef', null);
  });

  it('follows the line before it', () => {
    const first = chainLine({ event: 'budget_reject' }, AT, CHAIN_START);
    const second = chainLine({ event: 'budget_reject' }, AT, first.hash);
    expect(verifyChain([first.text, second.text])).toBe(second.hash);
    expect(second.hash).not.toBe(first.hash);
  });

  it('does not fit any more when one of its characters is changed', () => {
    const { text } = chainLine({ event: 'chat_completion', booked: '0.002600' }, AT, CHAIN_START);
    expect(() => verifyChain([text.replace('0.002600', '0.002601')])).toThrow('line 0 was changed');
  });

  it('says what it is chained to, and whether it is as it was written', () => {
    const { text, hash } = chainLine({ event: 'chat_completion', booked: '0.002600' }, AT, CHAIN_START);
    expect(linkOf(Buffer.from(text))).toEqual({ prev: CHAIN_START, hash, isIntact: true });
    expect(linkOf(Buffer.from(text.replace('0.002600', '0.002601')))).toEqual({ prev: CHAIN_START, hash, isIntact: false });
  });

  it.each(['', '{}', '{"ts":"2026-06-06","event":"chat_completion"}', `{"prev":"${CHAIN_START}","hash":"x"}`])(
    'is not what %s is, which is not chained',
    (text) => {
      expect(linkOf(Buffer.from(text))).toBeUndefined();
    },
  );

  it('is one line and one chain, whatever its values hold: none can forge another line', () => {
    const value = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('\n', '"}\n{"ts":"2026"', '\r\u2028\u0000\u001b[2J', '\ud800', '","hash":"0"}'),
    );
    fc.assert(
      fc.property(fc.array(fc.record({ model: value, reason: value }), { minLength: 1, maxLength: 4 }), (facts) => {
        let head = CHAIN_START;
        const lines = facts.map((fields) => {
          const line = chainLine({ event: 'upstream_error', ...fields } satisfies AuditEvent, AT, head);
          head = line.hash;
          return line.text;
        });
        // Through bytes, as the file has them.
        const read = linesOf(Buffer.from(lines.map((line) => `${line}\n`).join('')).toString('utf8'));
        expect(read).toHaveLength(facts.length);
        expect(verifyChain(read)).toBe(head);
        // Guards against a line that is whole and taken for changed, since it has a line separator of Unicode in it.
        expect(read.map((line) => linkOf(Buffer.from(line))?.isIntact)).toEqual(read.map(() => true));
        for (const line of read) expect(line).not.toMatch(/[\x00-\x1f]/);
      }),
    );
  });
});
