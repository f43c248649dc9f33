import { type Clock, utcDay } from '../clock/clock.js';
import { refuseWhenClockWentBack } from '../ledger/spending-stop.js';
import type { DoctorBooks } from './doctor-books.js';
import { type Check, fail, type Finding, ok, together, warn } from './finding.js';
import type { SellerProbe } from './seller-probe.js';
import { reasonOf } from '../errors/reason-of.js';

/** What the network may take, and what clocks that are kept right differ by. */
const TOLERATED_SECONDS = 30;
/** For so long BlockRun lets a signature live: by a clock that is off by more it is dead when it arrives, or lives too long. */
const UNUSABLE_SECONDS = 300;
const SET_IT = 'set the clock by NTP (timedatectl set-ntp true)';

/** This machine's time beside the seller's, and beside the days that the ledger knows. */
export function clockCheck({ books, probe, clock }: { books: DoctorBooks; probe: SellerProbe; clock: Clock }): Check {
  return {
    name: 'clock',
    run: async () => together([await besideSeller(probe), ...(await besideLedger(books, clock))]),
  };
}

async function besideSeller(probe: SellerProbe): Promise<Finding> {
  const probed = await probe.ask();
  const theirs = probed?.answer.kind === 'payment-required' ? probed.answer.sellerTime : undefined;
  if (!probed || !theirs) return ok('not compared with the seller, who told no time');
  const seconds = Math.round((probed.at.getTime() - theirs.getTime()) / 1000);
  if (Math.abs(seconds) <= TOLERATED_SECONDS) return ok('as the seller has it');
  const says = `${Math.abs(seconds)} seconds ${seconds > 0 ? 'ahead of' : 'behind'} the seller`;
  return Math.abs(seconds) < UNUSABLE_SECONDS ? warn(says, SET_IT) : fail(says, SET_IT);
}

async function besideLedger(books: DoctorBooks, clock: Clock): Promise<Finding[]> {
  const store = await books.store().catch(() => undefined); // the check of the ledger says why
  if (!store) return [];
  const now = (await store.time()) ?? clock.now();
  const fault = await refuseWhenClockWentBack(store.reader, utcDay(now)).catch(reasonOf);
  return fault === undefined ? [] : [fail(fault)];
}
