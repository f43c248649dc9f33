import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { setTimeout as pause } from 'node:timers/promises';
import { CallFeed } from '../calls/call-feed.js';
import { Clock } from '../clock/clock.js';
import { LedgerActivity, type Records } from '../ledger/ledger-activity.js';
import { Activity, shownDays } from './activity.js';
import { RecentCalls } from './recent-calls.js';

/** Records of one question: a few milliseconds of SQLite, in which nothing else of this process runs. */
const RECORDS_PER_QUESTION = 5000n;
/** Among so many newest records are those of the last calls. */
const RECORDS_OF_RECENT_CALLS = 1000n;
const MOVES_PER_QUESTION = 300;
/** Calls that are being served go on between two questions. */
const PAUSE_MS = 2;

/**
 * Follows the ledger while somebody watches: the records of the days that are shown are added up once, and after that only what is new.
 * So a look costs the same however many calls there are.
 */
@Injectable()
export class CallWatch implements OnModuleInit {
  readonly activity = new Activity();
  readonly recent = new RecentCalls();
  /** The newest record that has been added up; undefined before the first look. */
  private seen: bigint | undefined;
  private isLeaving = false;

  constructor(
    private readonly ledger: LedgerActivity,
    private readonly feed: CallFeed,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.feed.follow((call) => this.recent.addCall(call));
  }

  /** Adds what is new. Not to be called again before it has ended. @throws what the ledger throws */
  async look(): Promise<void> {
    const newest = await this.ledger.newest();
    const { seen } = this;
    if (newest === seen) return;
    if (seen === undefined) await this.addEverything(newest);
    else for (const run of runsOf({ after: seen, upTo: newest })) await this.add(run);
    const first = seen ?? newest - RECORDS_OF_RECENT_CALLS;
    this.recent.addMoves(await this.ledger.moves({ after: first, upTo: newest }, MOVES_PER_QUESTION));
    this.seen = newest;
  }

  /** Whatever runs ends soon. */
  leave(): void {
    this.isLeaving = true;
  }

  /** Backwards, until the records are older than what is shown. A start over, where an earlier one was cut off, finds nothing added. */
  private async addEverything(newest: bigint): Promise<void> {
    const from = new Date(shownDays(this.clock.now()).from);
    const sums = [];
    for (const run of runsOf({ after: 0n, upTo: newest }).toReversed()) {
      if (this.isLeaving) return;
      sums.push(...(await this.ledger.sums(run)));
      const began = await this.ledger.timeOf(run);
      if (began && began < from) break;
      await pause(PAUSE_MS);
    }
    for (const sum of sums) this.activity.add(sum);
  }

  private async add(run: Records): Promise<void> {
    for (const sum of await this.ledger.sums(run)) this.activity.add(sum);
    this.seen = run.upTo;
  }
}

/** The records in runs of a bounded length, oldest first. */
function runsOf({ after, upTo }: Records): Records[] {
  const runs: Records[] = [];
  for (let from = after; from < upTo; from += RECORDS_PER_QUESTION) {
    const end = from + RECORDS_PER_QUESTION;
    runs.push({ after: from, upTo: end < upTo ? end : upTo });
  }
  return runs;
}
