import { CodedError } from '../errors/coded-error.js';
import type { CapReached, PlacedHold } from '../ledger/ledger.js';

/** More callers of one client than this do not wait: they are told at once that there is no room. */
const MAX_WAITING = 500;
/** Other processes that share the ledger give room back without telling this one: the head of the queue looks again this often. */
const LOOK_AGAIN_MS = 50;

type Placement = PlacedHold | CapReached;

interface Waiter {
  tryPlace: () => Promise<Placement>;
  client: string | undefined;
  finish: (placement: Placement) => void;
  fail: (error: unknown) => void;
  deadline: number;
  gone: AbortSignal;
}

/**
 * Where calls wait, in order of arrival, for room that calls in flight may give back. Only the first in the queue asks the ledger, so
 * nobody is overtaken; where it is its own client's limit that leaves it no room, the first of another client asks next, so that a client
 * at its limit keeps nobody else waiting. Whoever has waited `waitMs` leaves with the refusal it was given last.
 */
export class HoldQueue {
  /** In order of arrival, which is that of their deadlines, too. */
  private readonly waiting = new Set<Waiter>();
  private serving = false;
  private roomIsBack = false;
  private wake: (() => void) | undefined;
  /** A limit of all leaves no room: a newcomer need not ask. */
  private isFullForAll = false;
  /** By the client whose limit it was; undefined: a limit of all. */
  private readonly latestRefusals = new Map<string | undefined, CapReached>();

  constructor(private readonly waitMs: number) {}

  /**
   * A hold, or the refusal that stood when nothing could come back any more or the wait was over.
   * @throws CodedError client_closed_request when the client left meanwhile; what `tryPlace` throws
   */
  enter(tryPlace: () => Promise<Placement>, gone: AbortSignal, client?: string): Promise<Placement> {
    const refusal = this.refusalOfTooMany(client);
    if (refusal) return Promise.resolve(refusal);
    return new Promise((finish, fail) => {
      this.waiting.add({ tryPlace, client, finish, fail, deadline: Date.now() + this.waitMs, gone });
      if (!this.isFullForAll) this.roomMayBeBack(); // for all that is known
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
    while (this.waiting.size > 0) {
      this.roomIsBack = false;
      await this.attendAll();
      const [first] = this.waiting;
      if (first && !this.roomIsBack) await this.pause(first.deadline);
    }
    this.serving = false;
  }

  /** In order of arrival, newcomers included, up to the first that a limit of all leaves no room: nobody overtakes that one. */
  private async attendAll(): Promise<void> {
    this.isFullForAll = false;
    const full = new Set<string | undefined>();
    for (const waiter of this.waiting) {
      if (full.has(waiter.client)) continue;
      const refusal = await this.attend(waiter);
      if (!refusal) this.waiting.delete(waiter);
      else if (refusal.limit.client !== undefined) full.add(refusal.limit.client);
      else return void (this.isFullForAll = true);
    }
  }

  /** Looks for room once. Returns why the waiter goes on waiting; undefined when it is done with. */
  private async attend(waiter: Waiter): Promise<CapReached | undefined> {
    try {
      if (waiter.gone.aborted) throw new CodedError('client_closed_request', 'The client left while it waited for room in the budget.');
      const placement = await waiter.tryPlace();
      if (placement.kind === 'cap-reached') {
        this.latestRefusals.set(placement.limit.client, placement);
        if (placement.limit.returnable > 0n && Date.now() < waiter.deadline) return placement;
      }
      waiter.finish(placement);
    } catch (error) {
      waiter.fail(error);
    }
    return undefined;
  }

  private refusalOfTooMany(client: string | undefined): CapReached | undefined {
    if (this.waiting.size < MAX_WAITING) return undefined;
    if ([...this.waiting].filter((waiter) => waiter.client === client).length < MAX_WAITING) return undefined;
    return this.latestRefusals.get(client) ?? this.latestRefusals.get(undefined);
  }

  private pause(deadline: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        this.wake = undefined;
        resolve();
      };
      const timer = setTimeout(wake, Math.min(LOOK_AGAIN_MS, Math.max(0, deadline - Date.now())));
      this.wake = wake;
    });
  }
}
