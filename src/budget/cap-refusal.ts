import { nextUtcDay } from '../clock/clock.js';
import { CodedError } from '../errors/coded-error.js';
import { countedMicroUsd, type DayTotals } from '../ledger/hold.js';
import { displayUsd, type MicroUsd } from '../money/micro-usd.js';

/** How soon a client may ask again when calls in flight hold the room. */
const RETRY_AFTER_SECONDS = 2;

/**
 * Why there is no room for `neededMicroUsd` on the day: `budget_in_flight` where calls in flight could give enough of it back, else
 * `daily_limit_reached`. The second's wording is matched by OpenClaw, which shows it to its user and does not ask again.
 */
export function capRefusal(facts: { totals: DayTotals; capMicroUsd: MicroUsd; neededMicroUsd: MicroUsd; now: Date }): CodedError {
  const { totals, neededMicroUsd, now } = facts;
  const capMicroUsd = facts.capMicroUsd + totals.raisedMicroUsd;
  const surelyGone = totals.spentMicroUsd + totals.unresolvedMicroUsd;
  const used = displayUsd(countedMicroUsd(totals));
  const cap = displayUsd(capMicroUsd);
  if (surelyGone + neededMicroUsd <= capMicroUsd && countedMicroUsd(totals) > surelyGone) {
    return new CodedError(
      'budget_in_flight',
      `All that is left of the budget is held by calls in flight (${used} of ${cap}). Try again in ${RETRY_AFTER_SECONDS} seconds.`,
      { retryAfterSeconds: RETRY_AFTER_SECONDS },
    );
  }
  return new CodedError(
    'daily_limit_reached',
    `Daily limit reached: ${used} of ${cap} used by this proxy today. Resets at 00:00 UTC (${timeUntilReset(now)}).`,
  );
}

/** Why a price is too much for one request. The wording keeps OpenClaw from asking again and shows its user the numbers. */
export function aboveMaximum(priceMicroUsd: MicroUsd, maxPerRequestMicroUsd: MicroUsd): CodedError {
  return new CodedError(
    'price_above_maximum',
    `This request costs ${displayUsd(priceMicroUsd)}, more than the ${displayUsd(maxPerRequestMicroUsd)} that one request may cost, so it ` +
      'exceeds your current quota. Lower max_tokens, shorten the request, or raise BLOCKRUN_MAX_USD_PER_REQUEST. Nothing was paid.',
  );
}

function timeUntilReset(now: Date): string {
  const minutes = Math.ceil((nextUtcDay(now).getTime() - now.getTime()) / 60_000);
  const [count, unit] = minutes < 60 ? [minutes, 'minute'] : [Math.round(minutes / 60), 'hour'];
  return `in ${count} ${unit}${count === 1 ? '' : 's'}`;
}
