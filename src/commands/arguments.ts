import { InvalidArgumentError } from 'commander';

/** A UTC day such as `2026-06-06`. */
export function day(text: string): string {
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(text) && new Date(`${text}T00:00:00Z`).toJSON()?.startsWith(text);
  if (!isDay) throw new InvalidArgumentError('It must be a UTC day, such as 2026-06-06.');
  return text;
}
