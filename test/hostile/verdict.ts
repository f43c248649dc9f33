import { parseUsd } from '../../src/money/micro-usd.js';
import { PAYEE, THIEF } from './offers.js';
import type { Outcome } from './scenario-run.js';
import type { Scenario } from './scenario.js';

const RECIPIENTS: Readonly<Record<string, string>> = { '{payee}': PAYEE, '{thief}': THIEF };

/** Everything about an outcome that the scenario does not allow; empty when all is well. */
export function faultsOf({ expected, calls }: Scenario, outcome: Outcome): string[] {
  const { signatures, signed, asks, lostMicroUsd, countedMicroUsd, answers, leaks } = outcome;
  const maxMicroUsd = parseUsd(expected.maxUsd) ?? 0n;
  const signedMicroUsd = signatures.reduce((sum, { authorization }) => sum + BigInt(authorization.value), 0n);
  const recipient = RECIPIENTS[expected.recipient] ?? expected.recipient;
  const count = calls.reduce((sum, { together = 1 }) => sum + together, 0);
  const expectedAnswers = answers.map((_, at) => expected.answers[Math.min(at, expected.answers.length - 1)]);
  const isLong = ({ authorization, arrivedAt }: Outcome['signatures'][number]) =>
    Number(authorization.validBefore) - arrivedAt > expected.maxValiditySeconds;
  return Object.entries({
    [`signed ${signed} times`]: signed > expected.maxPayments || (!expected.allow && signed > 0),
    [`${signatures.length} signatures left`]: signatures.length > expected.maxPayments,
    [`signed ${signedMicroUsd} micro-USD`]: signedMicroUsd > maxMicroUsd,
    [`lost ${lostMicroUsd} micro-USD`]: lostMicroUsd !== (expected.allow ? maxMicroUsd : 0n),
    'signed for somebody else': signatures.some(({ authorization: { to } }) => to.toLowerCase() !== recipient),
    'signed for too long': signatures.some(isLong),
    [`the books count ${countedMicroUsd} of ${lostMicroUsd}`]: countedMicroUsd < lostMicroUsd,
    [`asked ${asks} times`]: asks > (expected.maxAsks ?? count),
    [`answered ${answers.join(', ')}`]: !expected.anyOrder && answers.join() !== expectedAnswers.join(),
    [leaks.join(', ')]: leaks.length > 0,
  }).flatMap(([fault, isTrue]) => (isTrue ? [fault] : []));
}
