import { LedgerModel, type Move, type Outcome } from './history-model.js';

/** Whoever has not been seen for so long is taken for dead. */
const LEASE_MS = 60_000;

/** What sweeps and operators have to do to the books. */
export class BooksModel extends LedgerModel {
  /** The events of the lines that operators leave in the audit. */
  readonly operatorLines: string[] = [];
  private readonly seenAt = new Map<string, number>();

  beat(owner: string, at: number): void {
    this.seenAt.set(owner, at);
  }

  /** It stopped by itself, and is not waited for. */
  leave(owner: string): void {
    this.seenAt.delete(owner);
  }

  recover(owner: string, at: number): Outcome {
    this.beat(owner, at);
    const isAlive = (other: string) => Math.abs(at - (this.seenAt.get(other) ?? -Infinity)) < LEASE_MS;
    for (const [id, hold] of this.open) {
      if (hold.state === 'unresolved' || isAlive(hold.owner)) continue;
      const outcome = this.move(id, hold.state === 'held' ? 'expire' : 'leaveUnresolved');
      if (outcome !== 'done') return outcome;
    }
    for (const other of [...this.seenAt.keys()]) if (!isAlive(other)) this.leave(other);
    return 'done';
  }

  /** `verdictOf` says what is proven of a payment by now. Where one cannot be booked the others are; the first fault is the outcome. */
  resolve(ids: readonly string[], verdictOf: (id: string) => Move | undefined): Outcome {
    const outcomes = ids.map((id) => {
      const verdict = verdictOf(id);
      return verdict ? this.move(id, verdict) : 'done';
    });
    return outcomes.find((outcome) => outcome !== 'done') ?? 'done';
  }

  /** A payment was taken after all, although its hold was released: the truth is booked, above the cap if need be, and spending stops. */
  overrun(id: string): void {
    const { day, amount, owner, client } = this.holds.get(id)!;
    this.enter(`${id}-overrun`, { day, amount, owner, client, state: 'settled', step: 0 });
    this.day(day).overrun += amount;
    this.isStopped = true;
  }

  raise(day: string, amount: bigint): Outcome {
    return this.operate('budget_raised', true, () => (this.day(day).raised += amount));
  }

  reset(day: string): Outcome {
    const added = this.sum(day, 'settled') - (this.days.get(day)?.raised ?? 0n);
    return added > 0n ? this.raise(day, added) : 'done';
  }

  stop(): Outcome {
    return this.operate('spending_stopped', true, () => (this.isStopped = true));
  }

  resume(): Outcome {
    return this.operate('spending_resumed', this.isStopped, () => (this.isStopped = false));
  }

  acceptClock(today: string): Outcome {
    const wrong = [...this.days].filter(([day, { isWrong }]) => day > today && !isWrong);
    return this.operate('clock_accepted', wrong.length > 0, () => wrong.forEach(([, day]) => (day.isWrong = true)));
  }

  private operate(event: string, changesAnything: boolean, change: () => unknown): Outcome {
    if (!changesAnything) return 'done';
    if (this.isDiskFull) return 'audit_unavailable';
    change();
    this.operatorLines.push(event);
    return 'done';
  }
}
