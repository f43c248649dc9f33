import { CodedError } from '../errors/coded-error.js';
import type { CapReached, HoldClaim, Placement } from '../ledger/ledger.js';

/** More callers of one client than this do not wait: they are told at once that there is no room. */
const MAX_WAITING = 500;
/** Other processes that share the ledger give room back without telling this one: the head of the queue looks again this often. */
const LOOK_AGAIN_MS = 50;
/** So many at the most ask the ledger together, so that the first of them need not wait for long. */
const MAX_AT_ONCE = 32;

interface Waiter {
  claim: HoldClaim;
  finish: (placement: Placement) => void;
  fail: (error: unknown) => void;
  deadline: number;
  isGone: () => boolean;
}

/**
 * Where calls wait, in order of arrival, for room that calls in flight may give back. They ask the ledger in that order, up to the first that is left no
 * room, so nobody is overtaken; where it is its own client's limit that leaves it none, those of other clients ask next, so that a client
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

  /** @param placeInOrder as `Ledger.placeInOrder` */
  constructor(
    private readonly waitMs: number,
    private readonly placeInOrder: (claims: readonly HoldClaim[]) => Promise<Placement[]>,
  ) {}

  /**
   * A hold, or the refusal that stood when nothing could come back any more or the wait was over.
   * @throws CodedError client_closed_request when the client left meanwhile; what `placeInOrder` throws
   */
  enter(claim: HoldClaim, isGone: () => boolean): Promise<Placement> {
    const refusal = this.refusalOfTooMany(clientOf({ claim }));
    if (refusal) return Promise.resolve(refusal);
    return new Promise((finish, fail) => {
      this.waiting.add({ claim, finish, fail, deadline: Date.now() + this.waitMs, isGone });
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
    for (let next = this.first(full); next.length > 0; next = this.first(full)) {
      const refusal = await this.attend(next);
      if (refusal?.limit.client !== undefined) full.add(refusal.limit.client);
      else if (refusal) return void (this.isFullForAll = true);
    }
  }

  /** Those whose turn it is, but for the clients that are at a limit of their own. */
  private first(full: ReadonlySet<string | undefined>): Waiter[] {
    const first: Waiter[] = [];
    for (const waiter of this.waiting) {
      if (full.has(clientOf(waiter))) continue;
      first.push(waiter);
      if (first.length === MAX_AT_ONCE) break;
    }
    return first;
  }

  /** Looks for room for each, in their order. Returns why one of them goes on waiting; all before that one are done with. */
  private async attend(waiters: readonly Waiter[]): Promise<CapReached | undefined> {
    const staying = waiters.filter((waiter) => !this.leaveWhenGone(waiter));
    if (staying.length === 0) return undefined;
    try {
      const placements = await this.placeInOrder(staying.map(({ claim }) => claim));
      for (const [index, placement] of placements.entries()) {
        const waiter = staying[index] as Waiter;
        if (placement.kind === 'cap-reached') {
          this.latestRefusals.set(placement.limit.client, placement);
          if (placement.limit.returnable > 0n && Date.now() < waiter.deadline) return placement;
        }
        this.leave(waiter).finish(placement);
      }
    } catch (error) {
      for (const waiter of staying) this.leave(waiter).fail(error);
    }
    return undefined;
  }

  private leaveWhenGone(waiter: Waiter): boolean {
    if (!waiter.isGone()) return false;
    this.leave(waiter).fail(new CodedError('client_closed_request', 'The client left while it waited for room in the budget.'));
    return true;
  }

  private leave(waiter: Waiter): Waiter {
    this.waiting.delete(waiter);
    return waiter;
  }

  private refusalOfTooMany(client: string | undefined): CapReached | undefined {
    if (this.waiting.size < MAX_WAITING) return undefined;
    if ([...this.waiting].filter((waiter) => clientOf(waiter) === client).length < MAX_WAITING) return undefined;
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

function clientOf({ claim }: Pick<Waiter, 'claim'>): string | undefined {
  return claim.client?.name;
}
