import { describe, expect, it } from '@jest/globals';
import { operatorReason } from '../../../src/ledger/operator-reason.js';

describe("an operator's reason", () => {
  it.each([
    ['  a long task  ', 'a long task'],
    ['für größere Aufgaben', 'für größere Aufgaben'],
    ['two\r\nlines\u2028and\u0085more', 'two lines and more'],
    ['\u001b[31mred\u0007', '[31mred'],
    ['turned \u202eround\u2066', 'turned round'],
  ])('%j is one line that nothing can be forged with', (text, line) => {
    expect(operatorReason(text)).toBe(line);
  });

  it.each(['', ' \n\t', '\u200b', 'x'.repeat(201)])('%j says nothing, or too much', (text) => {
    expect(operatorReason(text)).toBeUndefined();
  });
});
