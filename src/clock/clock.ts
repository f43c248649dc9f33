/** The wall clock, behind a token so that tests can turn it. */
export interface Clock {
  now(): Date;
}
export const Clock = Symbol('Clock');

export const systemClock: Clock = { now: () => new Date() };

/** The UTC day of an instant, as `2026-06-06`. The daily cap counts by these days. */
export function utcDay(instant: Date): string {
  return instant.toISOString().slice(0, 10);
}

/** The instant at which the UTC day after `instant` begins: when the daily cap resets. */
export function nextUtcDay(instant: Date): Date {
  return new Date(Date.UTC(instant.getUTCFullYear(), instant.getUTCMonth(), instant.getUTCDate() + 1));
}
