import type { MicroUsd } from '../money/micro-usd.js';

/** Limits on the calls of one client, or of all together. What is undefined is not limited. */
export interface Limits {
  /** Of a UTC day: all that counts on it. */
  capMicroUsd?: MicroUsd | undefined;
  /** Of a UTC minute: what is signed in it. Unsigned holds count, since they may be signed in it. */
  microUsdPerMinute?: MicroUsd | undefined;
  /** Of a UTC minute: holds that are placed in it, whatever comes of them. */
  requestsPerMinute?: bigint | undefined;
}

/** Stands for a limit that there is not: more than anything that is counted, and still a whole number of SQL with a day's total added. */
export const NO_LIMIT = 2n ** 61n;

export type LimitKind = 'daily' | 'usd-per-minute' | 'requests-per-minute' | 'concurrent';

/** How far a limit is used, in micro-USD or in calls. */
export interface LimitUse {
  kind: LimitKind;
  /** Whose limit it is; undefined: of all together. */
  client: string | undefined;
  used: bigint;
  max: bigint;
  /** The part of `used` that unsigned holds take. It is not divided up further: they shrink once they know their price. */
  held: bigint;
  /** The part of `used` that calls in flight may give back before the limit resets. */
  returnable: bigint;
}

/** What was used on a day, and in its newest minute. */
export interface Used {
  spent: bigint;
  held: bigint;
  signed: bigint;
  unresolved: bigint;
  minute: bigint;
  minute_requests: bigint;
  minute_signed: bigint;
}

const NOTHING: Used = { spent: 0n, held: 0n, signed: 0n, unresolved: 0n, minute: 0n, minute_requests: 0n, minute_signed: 0n };

/** How far each of the limits that there are is used in the given minute; `used` is undefined where nothing was on that day. */
export function limitUses(
  limits: Limits,
  { client, used = NOTHING, minute }: { client?: string; used?: Used | undefined; minute: bigint },
) {
  const { spent, held, signed, unresolved } = used;
  const [requests, signedInMinute] = used.minute === minute ? [used.minute_requests, used.minute_signed] : [0n, 0n];
  const uses: Omit<LimitUse, 'client' | 'max'>[] = [
    { kind: 'daily', used: spent + held + signed + unresolved, held, returnable: held + signed },
    { kind: 'usd-per-minute', used: signedInMinute + held, held, returnable: held },
    { kind: 'requests-per-minute', used: requests, held: 0n, returnable: 0n },
  ];
  const most = [limits.capMicroUsd, limits.microUsdPerMinute, limits.requestsPerMinute];
  return uses.flatMap((use, at): LimitUse[] => {
    const max = most[at];
    return max === undefined ? [] : [{ ...use, client, max }];
  });
}

/** The first of the limits under which there is no room for a hold of up to `maxMicroUsd`; undefined where there is under all. */
export function reachedLimit(uses: readonly LimitUse[], maxMicroUsd: MicroUsd): LimitUse | undefined {
  const wanted = wantedUnder(uses, maxMicroUsd);
  return uses.find((use) => leftOf(use) <= 0n || (isOfMoney(use) && use.held + wanted > leftOf(use)));
}

/** What a hold of up to `maxMicroUsd` takes: what is left under the tightest of the limits. */
export function wantedUnder(uses: readonly LimitUse[], maxMicroUsd: MicroUsd): MicroUsd {
  return uses.filter(isOfMoney).reduce((least, use) => (leftOf(use) < least ? leftOf(use) : least), maxMicroUsd);
}

export function isOfMoney({ kind }: LimitUse): boolean {
  return kind === 'daily' || kind === 'usd-per-minute';
}

function leftOf({ max, used, held }: LimitUse): bigint {
  return max - used + held;
}

/** The number of the UTC minute, counted from 1970. */
export function minuteOf(epochMs: bigint): bigint {
  return epochMs / 60_000n;
}
