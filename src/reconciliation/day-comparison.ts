import type { SignedPayment } from '../ledger/ledger-reader.js';
import { MAX_VALIDITY_SECONDS } from '../payment/offer.js';
import type { MicroUsd } from '../money/micro-usd.js';
import { comparable } from '../money/usdc.js';
import type { ChainTransfer } from './chain.js';
import { hasRunOut } from './verdict.js';

/** A payment of the ledger and the transfer that was made by it. */
export interface Match {
  payment: SignedPayment;
  transfer: ChainTransfer;
}

/** What the ledger booked on a UTC day beside what left the wallet for it. */
export interface DayComparison {
  day: string;
  bookedMicroUsd: MicroUsd;
  /** Taken by authorizations of the day's holds, whenever that was. */
  takenMicroUsd: MicroUsd;
  matches: Match[];
  /**
   * Booked as spent, not found on the chain, and run out, so that it will not be taken any more: by a receipt that was not true, or by the
   * rule for payments that nobody can look up. A seller may take the payment of a stream only minutes after its end.
   */
  notTaken: SignedPayment[];
  /** Taken for holds that had been released: booked now. */
  overruns: Match[];
  /** Taken with another amount than was signed. */
  otherAmounts: Match[];
  /** Left the wallet on the day, and not through this ledger: somebody else uses the wallet. */
  foreign: ChainTransfer[];
  /** How many payments of the day were on networks that no node is set for, and are not in this comparison. */
  unasked: number;
}

/** This machine's clock and the chain's may differ by as much at midnight. */
const CLOCK_TOLERANCE_MS = 3_600_000;

/** When payments of a UTC day can have been taken: until the last that was signed for it has run out, with an hour for clocks that differ. */
export function settlementWindow(day: string): { from: Date; to: Date } {
  const midnight = Date.parse(`${day}T00:00:00.000Z`);
  return {
    from: new Date(midnight - CLOCK_TOLERANCE_MS),
    to: new Date(midnight + 86_400_000 + MAX_VALIDITY_SECONDS * 1000 + CLOCK_TOLERANCE_MS),
  };
}

/** What is known of a UTC day when it is compared. */
export interface DayFacts {
  day: string;
  /** On networks that can be asked. */
  payments: readonly SignedPayment[];
  /** Of the days before and after: at midnight some of them are taken on this one. */
  neighbours: readonly SignedPayment[];
  /** Those within the day's settlement window. */
  transfers: readonly ChainTransfer[];
  unasked: number;
  now: Date;
}

/** Pure. */
export function compareDay(facts: DayFacts): DayComparison {
  const { day, payments, transfers, neighbours, unasked, now } = facts;
  const taken = new Map(transfers.map((transfer) => [keyOf(transfer.nonce), transfer]));
  const matchesOf = (state: SignedPayment['state']): Match[] =>
    payments.flatMap((payment) => {
      const transfer = taken.get(nonceOf(payment));
      return payment.state === state && transfer ? [{ payment, transfer }] : [];
    });
  const settled = payments.filter(({ state }) => state === 'settled');
  const booked = new Set(settled.map(nonceOf));
  const nonces = new Set(payments.map(nonceOf));
  const ours = new Set<string | undefined>([...nonces, ...neighbours.map(nonceOf)]);
  const matches = matchesOf('settled');
  return {
    day,
    bookedMicroUsd: sum(settled.map(({ authorization }) => authorization.amountMicroUsd)),
    takenMicroUsd: sum([...nonces].map((nonce) => taken.get(nonce)?.amountMicroUsd ?? 0n)),
    matches,
    notTaken: settled.filter((payment) => !taken.has(nonceOf(payment)) && hasRunOut(payment.authorization, now)),
    // An overrun that was booked before is a settled payment with the nonce of the released one.
    overruns: matchesOf('released').filter(({ payment }) => !booked.has(nonceOf(payment))),
    otherAmounts: matches.filter(({ payment, transfer }) => payment.authorization.amountMicroUsd !== transfer.amountMicroUsd),
    foreign: transfers.filter(({ at, nonce }) => at.toISOString().startsWith(day) && !ours.has(keyOf(nonce))),
    unasked,
  };
}

function nonceOf({ authorization }: SignedPayment): string {
  return comparable(authorization.nonce);
}

/** Payers may write hex in capitals; nodes do not. */
function keyOf(nonce: string | undefined): string | undefined {
  return nonce === undefined ? undefined : comparable(nonce);
}

function sum(amounts: readonly MicroUsd[]): MicroUsd {
  return amounts.reduce((total, amount) => total + amount, 0n);
}
