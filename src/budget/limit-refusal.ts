import { nextUtcDay } from '../clock/clock.js';
import { CodedError } from '../errors/coded-error.js';
import { isOfMoney, type LimitKind, type LimitUse } from '../ledger/limit.js';
import { displayUsd, type MicroUsd } from '../money/micro-usd.js';

/** How soon a client may ask again when calls in flight hold the room. */
const RETRY_AFTER_SECONDS = 2;
const MINUTE_MS = 60_000;

/**
 * Why there is no room for `neededMicroUsd` under the limit: `budget_in_flight` or `concurrency_limit_reached` where calls in flight could
 * give enough of it back, and a repeat costs nothing; else a code of its own, whose wording is matched by OpenClaw, which shows it to its
 * user and does not ask again: whoever runs into a limit again and again is a loop, and is to stop.
 */
export function limitRefusal({ limit, neededMicroUsd, now }: { limit: LimitUse; neededMicroUsd: MicroUsd; now: Date }): CodedError {
  const { kind, client, max, returnable } = limit;
  const isBack = limit.used - returnable + (isOfMoney(limit) ? neededMicroUsd : 1n) <= max && returnable > 0n;
  if (isBack) return inFlightRefusal(limit);
  const whose = client === undefined ? 'this proxy' : `client ${client}`;
  const how = `${amountsOf(limit)} used by ${whose}`;
  if (kind === 'daily')
    return new CodedError('daily_limit_reached', `Daily limit reached: ${how} today. Resets at 00:00 UTC (${timeUntilReset(now)}).`);
  if (kind === 'usd-per-minute' && neededMicroUsd > max)
    return aboveMaximum(neededMicroUsd, max, { what: `${whose} may use in a minute`, raise: 'that limit' });
  return new CodedError(
    'minute_limit_reached',
    `Limit per minute reached: ${how} in this minute, so this request exceeds your current quota. Resets at ${nextMinute(now)}.`,
  );
}

/** A price that fits under no limit any more although the hold was cut short by one: what took the room has been given back. */
export function roomIsBackRefusal(): CodedError {
  return new CodedError(
    'budget_in_flight',
    `Calls in flight held what this request costs, and have given it back. Try again in ${RETRY_AFTER_SECONDS} seconds.`,
    { retryAfterSeconds: RETRY_AFTER_SECONDS },
  );
}

/** Why a price is too much for one request. The wording keeps OpenClaw from asking again and shows its user the numbers. */
export function aboveMaximum(
  priceMicroUsd: MicroUsd,
  maxMicroUsd: MicroUsd,
  { what, raise } = { what: 'one request may cost', raise: 'BLOCKRUN_MAX_USD_PER_REQUEST' },
): CodedError {
  return new CodedError(
    'price_above_maximum',
    `This request costs ${displayUsd(priceMicroUsd)}, more than the ${displayUsd(maxMicroUsd)} that ${what}, so it ` +
      `exceeds your current quota. Lower max_tokens, shorten the request, or raise ${raise}. Nothing was paid.`,
  );
}

const HELD: Record<LimitKind, string> = {
  daily: 'All that is left of the budget',
  'usd-per-minute': "All that is left of this minute's budget",
  'requests-per-minute': "All that is left of this minute's requests",
  concurrent: 'All that may be in flight at once',
};

function inFlightRefusal(limit: LimitUse): CodedError {
  const { kind, client } = limit;
  const whose = client === undefined ? '' : ` of client ${client}`;
  return new CodedError(
    kind === 'concurrent' ? 'concurrency_limit_reached' : 'budget_in_flight',
    `${HELD[kind]}${whose} is held by calls in flight (${amountsOf(limit)}). Try again in ${RETRY_AFTER_SECONDS} seconds.`,
    { retryAfterSeconds: RETRY_AFTER_SECONDS },
  );
}

function amountsOf(limit: LimitUse): string {
  const { used, max } = limit;
  return isOfMoney(limit)
    ? `${displayUsd(used)} of ${displayUsd(max)}`
    : `${used} of ${max} ${limit.kind === 'concurrent' ? 'calls' : 'requests'}`;
}

function timeUntilReset(now: Date): string {
  const minutes = Math.ceil((nextUtcDay(now).getTime() - now.getTime()) / MINUTE_MS);
  return minutes < 60 ? inSo(minutes, 'minute') : inSo(Math.round(minutes / 60), 'hour');
}

/** When the UTC minute is over: `15:04 UTC (in 23 seconds)`. */
function nextMinute(now: Date): string {
  const next = new Date((Math.floor(now.getTime() / MINUTE_MS) + 1) * MINUTE_MS);
  return `${next.toISOString().slice(11, 16)} UTC (${inSo(Math.ceil((next.getTime() - now.getTime()) / 1000), 'second')})`;
}

function inSo(count: number, unit: string): string {
  return `in ${count} ${unit}${count === 1 ? '' : 's'}`;
}
