import type { HoldState } from '../../src/ledger/hold.js';

/** `done`, `held` and `cap-reached` are answers; the others are codes of errors. */
export type Outcome =
  'done' | 'held' | 'cap-reached' | 'ledger_unavailable' | 'audit_unavailable' | 'clock_unreliable' | 'spending_stopped';

export interface ModelHold {
  day: string;
  state: HoldState;
  amount: bigint;
  owner: string;
  step: number;
  saysNotCharged?: boolean;
}

export interface ModelDay {
  raised: bigint;
  /** Booked although its hold was released. */
  overrun: bigint;
  calls: number;
  /** An operator has said that it came from a wrong clock, and it has not come since. */
  isWrong: boolean;
}

const MOVES = {
  sign: { to: 'signed', from: ['held'] },
  settle: { to: 'settled', from: ['signed', 'unresolved'] },
  leaveUnresolved: { to: 'unresolved', from: ['signed'] },
  release: { to: 'released', from: ['held'] },
  releaseProven: { to: 'released', from: ['signed', 'unresolved'] },
  expire: { to: 'expired', from: ['held'] },
} as const satisfies Record<string, { to: HoldState; from: HoldState[] }>;
export type Move = keyof typeof MOVES;
const OPEN: readonly HoldState[] = ['held', 'signed', 'unresolved'];

/** What the ledger has to be, in a few lines. */
export class LedgerModel {
  /** In the order of their newest records. */
  readonly holds = new Map<string, ModelHold>();
  readonly records: (ModelHold & { id: string })[] = [];
  readonly days = new Map<string, ModelDay>();
  isStopped = false;
  isDiskFull = false;

  constructor(readonly cap: bigint) {}

  place(id: string, { day, owner, max }: { day: string; owner: string; max: bigint }): Outcome {
    if (this.holds.has(id)) return 'held';
    const refusal = this.refusalOn(day);
    if (refusal) return refusal;
    const left = this.cap + (this.days.get(day)?.raised ?? 0n) - this.sum(day, 'signed', 'unresolved', 'settled');
    const amount = left < max ? left : max;
    if (amount <= 0n || this.sum(day, 'held') + amount > left) return 'cap-reached';
    this.enter(id, { day, owner, amount, state: 'held', step: 0 });
    this.day(day).isWrong = false;
    return 'held';
  }

  /** What refuses every hold. */
  refusalOn(day: string): Outcome | undefined {
    if ([...this.days].some(([later, { isWrong }]) => later > day && !isWrong)) return 'clock_unreliable';
    return this.isStopped ? 'spending_stopped' : undefined;
  }

  move(id: string, move: Move, change: { amount?: bigint; saysNotCharged?: boolean; isCall?: boolean } = {}): Outcome {
    const { to, from } = MOVES[move];
    const { isCall = to === 'settled', ...fields } = change;
    const hold = this.holds.get(id);
    const { amount = hold?.amount } = fields;
    if (hold?.state === to && hold.amount === amount) return 'done';
    if (!hold || amount === undefined || amount > hold.amount || !from.some((state) => state === hold.state)) return 'ledger_unavailable';
    if (this.isDiskFull) return 'audit_unavailable';
    this.enter(id, { ...hold, ...fields, state: to, step: hold.step + 1 });
    if (isCall) this.day(hold.day).calls += 1;
    return 'done';
  }

  sum(day: string, ...states: HoldState[]): bigint {
    return [...this.holds.values()].reduce((sum, hold) => (hold.day === day && states.includes(hold.state) ? sum + hold.amount : sum), 0n);
  }

  get open(): [id: string, hold: ModelHold][] {
    return [...this.holds].filter(([, { state }]) => OPEN.includes(state));
  }

  day(name: string): ModelDay {
    const day = this.days.get(name) ?? { raised: 0n, overrun: 0n, calls: 0, isWrong: false };
    this.days.set(name, day);
    return day;
  }

  protected enter(id: string, hold: ModelHold): void {
    this.day(hold.day);
    this.holds.delete(id);
    this.holds.set(id, hold);
    this.records.push({ id, ...hold });
  }
}
