import type { CapReached, PlacedHold } from '../ledger/ledger.js';

/** More callers than this do not wait: they are told at once that there is no room. */
const MAX_WAITING = 500;
/** Other processes that share the ledger give room back without telling this one: the head of the queue looks again this often. */
const LOOK_AGAIN_MS = 50;

type Placement = PlacedHold | CapReached;

interface Waiter {
  tryPlace: () => Promise<Placement>;
  finish: (placement: Placement) => void;
  fail: (error: unknown) => void;
  deadline: number;
  /** The client has left, or the wait is over: the waiter leaves the queue at its next turn. */
  gone: AbortSignal;
}

/**
 * Where calls wait, in order of arrival, for room that calls in flight may give back. Only the first in the queue asks the ledger, and a
 * newcomer asks only when nobody waits, so nobody is overtaken. Whoever has waited `waitMs` leaves with the refusal it was given last.
 */
export class HoldQueue {
  private readonly waiting: Waiter[] = [];
  private serving = false;
  private wake: (() => void) | undefined;

  constructor(private readonly waitMs: number) {}

  /** A hold, or the refusal that stood when nothing could come back any more, the wait was over, or the client had left. */
  async enter(tryPlace: () => Promise<Placement>, gone: AbortSignal): Promise<Placement> {
    if (this.waiting.length === 0) {
      const first = await tryPlace();
      if (this.isFinal(first) || this.waitMs === 0) return first;
    }
    if (this.waiting.length >= MAX_WAITING) return tryPlace();
    return new Promise((finish, fail) => {
      this.waiting.push({ tryPlace, finish, fail, deadline: Date.now() + this.waitMs, gone });
      void this.serve();
    });
  }

  /** Room may have come back: the first in the queue looks again now. */
  roomMayBeBack(): void {
    this.wake?.();
  }

  private isFinal(placement: Placement): boolean {
    return placement.kind === 'held' || placement.totals.heldMicroUsd + placement.totals.signedMicroUsd === 0n;
  }

  private async serve(): Promise<void> {
    if (this.serving) return;
    this.serving = true;
    for (let head = this.waiting[0]; head; head = this.waiting[0]) {
      const done = await this.attend(head);
      if (done) this.waiting.shift();
      else await this.pause(head);
    }
    this.serving = false;
  }

  private async attend(head: Waiter): Promise<boolean> {
    try {
      const placement = await head.tryPlace();
      const over = this.isFinal(placement) || head.gone.aborted || Date.now() >= head.deadline;
      if (over) head.finish(placement);
      return over;
    } catch (error) {
      head.fail(error);
      return true;
    }
  }

  private pause(head: Waiter): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.wake?.(), Math.min(LOOK_AGAIN_MS, Math.max(0, head.deadline - Date.now())));
      this.wake = () => {
        clearTimeout(timer);
        this.wake = undefined;
        resolve();
      };
    });
  }
}
