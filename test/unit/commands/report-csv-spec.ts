import { describe, expect, it } from '@jest/globals';
import { csvField, reportCsv } from '../../../src/commands/report-csv.js';
import { reportFacts } from '../../../src/commands/report-json.js';
import { reportOf, usage } from './usage-facts.js';

const REPORT = reportOf('model', {
  'openai/gpt-5.4-mini': usage({
    holds: 4,
    calls: 2,
    paidCalls: 1,
    spentMicroUsd: 1n,
    unresolved: 1,
    unresolvedMicroUsd: 9_007_199_254_740_993n,
  }),
  '=HYPERLINK("x")': usage({ holds: 1, inFlight: 1, inFlightMicroUsd: 50_000n }),
});

describe('a report as CSV', () => {
  it('has a header and one record per group, exact to the micro-dollar, and no total', () => {
    expect(reportCsv(REPORT)).toBe(
      'model,holds,calls,paid_calls,spent_usd,unresolved,unresolved_usd,in_flight,in_flight_usd\r\n' +
        'openai/gpt-5.4-mini,4,2,1,0.000001,1,9007199254.740993,0,0.000000\r\n' +
        '"\'=HYPERLINK(""x"")",1,0,0,0.000000,0,0.000000,1,0.050000\r\n',
    );
  });

  it('of nothing is its header', () => {
    expect(reportCsv(reportOf('payee', {}))).toBe(
      'payee,holds,calls,paid_calls,spent_usd,unresolved,unresolved_usd,in_flight,in_flight_usd\r\n',
    );
  });

  it.each([
    ['plain', 'plain'],
    ['(taken over)', '(taken over)'],
    ['a,b', '"a,b"'],
    ['say "a"', '"say ""a"""'],
    ['two\nlines', '"two\nlines"'],
    ['two\r\nlines', '"two\r\nlines"'],
    ['', ''],
  ])('quotes what RFC 4180 has quoted, and nothing else: %j', (text, field) => {
    expect(csvField(text)).toBe(field);
  });

  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1'])('makes %j no formula', (text) => {
    expect(csvField(text)).toBe(`"'${text}"`);
  });
});

describe('a report as JSON', () => {
  it('names its days and its groups, with amounts as exact decimal strings', () => {
    const nothing = { unresolved: 0, unresolvedUsd: '0.000000', inFlight: 0, inFlightUsd: '0.000000' };
    expect(JSON.parse(JSON.stringify(reportFacts(REPORT)))).toEqual({
      from: '2026-06-01',
      to: '2026-06-07',
      by: 'model',
      rows: [
        {
          ...{ model: 'openai/gpt-5.4-mini', holds: 4, calls: 2, paidCalls: 1, spentUsd: '0.000001' },
          ...{ ...nothing, unresolved: 1, unresolvedUsd: '9007199254.740993' },
        },
        {
          ...{ model: '=HYPERLINK("x")', holds: 1, calls: 0, paidCalls: 0, spentUsd: '0.000000' },
          ...{ ...nothing, inFlight: 1, inFlightUsd: '0.050000' },
        },
      ],
      total: {
        ...{ holds: 5, calls: 2, paidCalls: 1, spentUsd: '0.000001' },
        ...{ unresolved: 1, unresolvedUsd: '9007199254.740993', inFlight: 1, inFlightUsd: '0.050000' },
      },
    });
  });
});
