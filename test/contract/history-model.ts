import type { HoldState } from '../../src/ledger/hold.js';
import type { Limits } from '../../src/ledger/limit.js';
import { type ClientName, CLIENTS, type LimitsOfAll, MinuteModel } from './history-limits.js';

/** `done`, `held` and `cap-reached` are answers; the others are codes of errors. */
export type Outcome =
  'done' | 'held' | 'cap-reached' | 'ledger_unavailable' | 'audit_unavailable' | 'clock_unreliable' | 'spending_stopped';

export interface ModelHold {
  day: string;
  state: HoldState;
  amount: bigint;
  owner: string;
  step: number;
  client: ClientName | undefined;
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
  private readonly minutes = new MinuteModel();

  constructor(
    readonly cap: bigint,
    readonly limits: LimitsOfAll,
    private readonly minute: () => bigint,
  ) {}

  place(id: string, { day, owner, max, client }: { day: string; owner: string; max: bigint; client?: ClientName | undefined }): Outcome {
    if (this.holds.has(id)) return 'held';
    const refusal = this.refusalOn(day);
    if (refusal) return refusal;
    const ofClient = client ? this.room(day, { limits: CLIENTS[client], max, client }) : max;
    if (ofClient === undefined) return 'cap-reached';
    const capMicroUsd = this.cap + (this.days.get(day)?.raised ?? 0n);
    const amount = this.isFull ? undefined : this.room(day, { limits: { ...this.limits, capMicroUsd }, max: ofClient });
    if (client) this.minutes.add(`${day} of ${client}`, this.minute(), amount === undefined ? {} : { requests: 1n });
    if (amount === undefined) return 'cap-reached';
    this.minutes.add(day, this.minute(), { requests: 1n });
    this.enter(id, { day, owner, amount, client, state: 'held', step: 0 });
    this.day(day).isWrong = false;
    return 'held';
  }

  private get isFull(): boolean {
    const { concurrent } = this.limits;
    return concurrent !== undefined && this.open.filter(([, { state }]) => state !== 'unresolved').length >= Number(concurrent);
  }

  /** How much a hold of at most so much gets under the limits; undefined where there is no room. */
  private room(day: string, { limits, max, client }: { limits: Limits; max: bigint; client?: ClientName }): bigint | undefined {
    const { capMicroUsd, microUsdPerMinute, requestsPerMinute } = limits;
    const used = this.minutes.in(client ? `${day} of ${client}` : day, this.minute());
    if (requestsPerMinute !== undefined && used.requests >= requestsPerMinute) return undefined;
    const isMeant = (hold: ModelHold) => hold.day === day && (!client || hold.client === client);
    const [counted, held] = [this.sumOf(isMeant, 'signed', 'unresolved', 'settled'), this.sumOf(isMeant, 'held')];
    const lefts = [max];
    if (capMicroUsd !== undefined) lefts.push(capMicroUsd - counted);
    if (microUsdPerMinute !== undefined) lefts.push(microUsdPerMinute - used.signed);
    const amount = lefts.reduce((least, left) => (left < least ? left : least));
    return amount > 0n && lefts.slice(1).every((left) => held + amount <= left) ? amount : undefined;
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
    if (move === 'sign' && this.isStopped) return 'spending_stopped';
    if (this.isDiskFull) return 'audit_unavailable';
    this.enter(id, { ...hold, ...fields, state: to, step: hold.step + 1 });
    if (isCall) this.day(hold.day).calls += 1;
    return 'done';
  }

  sum(day: string, ...states: HoldState[]): bigint {
    return this.sumOf((hold) => hold.day === day, ...states);
  }

  sumOf(isMeant: (hold: ModelHold) => boolean, ...states: HoldState[]): bigint {
    return [...this.holds.values()].reduce((sum, hold) => (isMeant(hold) && states.includes(hold.state) ? sum + hold.amount : sum), 0n);
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
    const signed = hold.state === 'signed' ? hold.amount : 0n;
    this.minutes.add(hold.day, this.minute(), { signed });
    if (hold.client) this.minutes.add(`${hold.day} of ${hold.client}`, this.minute(), { signed });
    this.holds.delete(id);
    this.holds.set(id, hold);
    this.records.push({ id, ...hold });
  }
}
