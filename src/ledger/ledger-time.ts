import type { Clock } from '../clock/clock.js';
import { CodedError } from '../errors/coded-error.js';

/** Signatures are valid by the time that this machine believes in: it may not be further off than this. */
const MAX_SKEW_MS = 30_000;

/** By what the ledger goes: the time of the server that it is on, or else the machine's clock. */
export function ledgerTime(serverTime: Date | undefined, clock: Clock): Date {
  return serverTime ?? clock.now();
}

/** Fails when this machine's clock is off the server's by too much. @throws CodedError clock_unreliable */
export function refuseWhenClockIsOff(at: Date, clock: Clock): void {
  const skewMs = clock.now().getTime() - at.getTime();
  if (Math.abs(skewMs) <= MAX_SKEW_MS) return;
  const seconds = Math.round(Math.abs(skewMs) / 1000);
  throw new CodedError(
    'clock_unreliable',
    `This machine's clock is ${seconds} s ${skewMs > 0 ? 'ahead of' : 'behind'} the clock of the ledger's server. ` +
      `Nothing is paid while it is off by more than ${MAX_SKEW_MS / 1000} s: set the clocks, for instance by NTP.`,
  );
}
