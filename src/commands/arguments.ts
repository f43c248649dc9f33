import { InvalidArgumentError } from 'commander';
import { operatorReason, REASON_RULE } from '../ledger/operator-reason.js';

/** A UTC day such as `2026-06-06`. */
export function day(text: string): string {
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(text) && new Date(`${text}T00:00:00Z`).toJSON()?.startsWith(text);
  if (!isDay) throw new InvalidArgumentError('It must be a UTC day, such as 2026-06-06.');
  return text;
}

/** One line that says something: it stands in the audit and in answers. */
export function plainSentence(text: string): string {
  const words = operatorReason(text);
  if (words === undefined) throw new InvalidArgumentError(REASON_RULE);
  return words;
}
