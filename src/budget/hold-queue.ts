import { CodedError } from '../errors/coded-error.js';
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
  gone: AbortSignal;
}

/**
 * Where calls wait, in order of arrival, for room that calls in flight may give back. Only the first in the queue asks the ledger, so
 * nobody is overtaken. Whoever has waited `waitMs` leaves with the refusal it was given last.
 */
export class HoldQueue {
  private readonly waiting: Waiter[] = [];
  private serving = false;
  private roomIsBack = false;
  private wake: (() => void) | undefined;
  private latestRefusal: CapReached | undefined;

  constructor(private readonly waitMs: number) {}

  /**
   * A hold, or the refusal that stood when nothing could come back any more or the wait was over.
   * @throws CodedError client_closed_request when the client left meanwhile; what `tryPlace` throws
   */
  enter(tryPlace: () => Promise<Placement>, gone: AbortSignal): Promise<Placement> {
    if (this.waiting.length >= MAX_WAITING && this.latestRefusal) return Promise.resolve(this.latestRefusal);
    return new Promise((finish, fail) => {
      this.waiting.push({ tryPlace, finish, fail, deadline: Date.now() + this.waitMs, gone });
      void this.serve();
    });
  }

  /** Room may have come back: the first in the queue looks again now. */
  roomMayBeBack(): void {
    this.roomIsBack = true;
    this.wake?.();
  }

  private async serve(): Promise<void> {
    if (this.serving) return;
    this.serving = true;
    for (let head = this.waiting[0]; head; head = this.waiting[0]) {
      this.roomIsBack = false;
      if (await this.attend(head)) this.waiting.shift();
      else if (!this.roomIsBack) await this.pause(head);
    }
    this.serving = false;
  }

  /** Looks for room once. Returns whether the waiter is done with. */
  private async attend(head: Waiter): Promise<boolean> {
    try {
      if (head.gone.aborted) throw new CodedError('client_closed_request', 'The client left while it waited for room in the budget.');
      const placement = await head.tryPlace();
      if (placement.kind === 'cap-reached') this.latestRefusal = placement;
      const isOver = isFinal(placement) || Date.now() >= head.deadline;
      if (isOver) head.finish(placement);
      return isOver;
    } catch (error) {
      head.fail(error);
      return true;
    }
  }

  private pause(head: Waiter): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        this.wake = undefined;
        resolve();
      };
      const timer = setTimeout(wake, Math.min(LOOK_AGAIN_MS, Math.max(0, head.deadline - Date.now())));
      this.wake = wake;
    });
  }
}

/** A hold, or a refusal that no call in flight can change. */
function isFinal(placement: Placement): boolean {
  return placement.kind === 'held' || placement.totals.heldMicroUsd + placement.totals.signedMicroUsd === 0n;
}
