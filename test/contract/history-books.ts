import { expect } from '@jest/globals';
import { sql } from 'kysely';
import { foldHold, type Hold } from '../../src/ledger/hold.js';
import { formatUsd } from '../../src/money/micro-usd.js';
import { auditRecordsOf } from '../support/audit-files.js';
import type { ModelHold } from './history-model.js';
import type { BooksModel } from './history-rules.js';
import type { SqlStore } from '../../src/store/sql-store.js';
import type { World } from './history-world.js';

type Entry = Omit<ModelHold, 'owner'> & { id: string };
interface OpenHold {
  id: string;
  state: string;
  owner: string;
}
/** What a client has used on a day. */
interface ClientDay extends Pick<Day, 'spent' | 'held' | 'signed' | 'unresolved'> {
  of: string;
}
export interface Day {
  day: string;
  spent: bigint;
  held: bigint;
  signed: bigint;
  unresolved: bigint;
  raised: bigint;
  calls: bigint;
}

/** The books as they lie on the disk, read without the ledger's own queries, and what has to hold of them after every step. */
export class BooksOnDisk {
  /** All there are by now: a trigger sees to it that they are never changed. */
  private readonly entries: (Entry & { seq: bigint })[] = [];
  private days: Day[] = [];

  constructor(
    private readonly store: SqlStore,
    private readonly auditPath: string,
  ) {}

  close(): Promise<void> {
    return this.store.onApplicationShutdown();
  }

  /** @throws where they are not, to the last record, total and line, what the model is */
  async expectToBe(model: BooksModel): Promise<void> {
    const { reader } = this.store;
    const after = this.entries.at(-1)?.seq ?? 0n;
    const added = sql<
      Entry & { seq: bigint }
    >`select seq, hold_id as id, step, state, day, amount, client from entry where seq > ${after} order by seq`;
    this.entries.push(...(await added.execute(reader)).rows);
    this.days = (await sql<Day>`select day, spent, held, signed, unresolved, raised, calls from day order by day`.execute(reader)).rows;
    expectSame(this.entries.map(textOfEntry), model.records.map(textOfEntry));
    const { rows: openHolds } = await sql<OpenHold>`select hold_id as id, state, owner from open_hold`.execute(reader);
    expectSame(openHolds.map(textOfHold).toSorted(), model.open.map(([id, hold]) => textOfHold({ id, ...hold })).toSorted());
    expectSame(this.days.map(textOfDay), daysOf(model).map(textOfDay));
    const { rows: clientDays } = await sql<ClientDay>`select day || ' of ' || client as of, spent, held, signed, unresolved from client_day
      where spent + held + signed + unresolved > 0 order by day, client`.execute(reader);
    expectSame(clientDays.map(textOfClientDay), clientDaysOf(model).map(textOfClientDay));
    this.expectToAddUp(model);
    this.expectAuditToBe(model);
  }

  /** @throws where for a payment the books do not set aside what the seller took, or still can take */
  expectToCover(world: World): void {
    const newest = new Map(this.entries.map((entry) => [entry.id, entry]));
    for (const payment of world.payments.values()) {
      const { state, amount } = newest.get(payment.holdId)!;
      const counted = counts(state) ? amount : 0n;
      const exposed = world.exposureOf(payment);
      if (counted < exposed) throw new Error(`${payment.holdId} is ${state} and counts ${counted}, but the seller can have ${exposed}`);
    }
  }

  /** As of the last comparison. */
  get totals(): readonly Readonly<Day>[] {
    return this.days;
  }

  /** The records of each hold can follow each other, they add up to the totals of the days, and these stay within the cap. */
  private expectToAddUp(model: BooksModel): void {
    const records = new Map<string, Hold[]>();
    for (const entry of this.entries) records.set(entry.id, [...(records.get(entry.id) ?? []), holdOf(entry)]);
    const folded = [...records.values()].map((holds) => foldHold(holds)!);
    for (const { day, raised, spent, held, signed, unresolved } of this.days) {
      const sum = (state: string) =>
        folded.reduce((total, hold) => (hold.day === day && hold.state === state ? total + hold.amountMicroUsd : total), 0n);
      const sums = [sum('settled'), sum('held'), sum('signed'), sum('unresolved')];
      expectSame([spent, held, signed, unresolved].map(String), sums.map(String));
      const { overrun } = model.days.get(day)!;
      if (spent + held + signed + unresolved > model.cap + raised + overrun) throw new Error(`more counts on ${day} than its cap allows`);
    }
  }

  /** The chain is whole, and tells of each move in its turn and of each act of an operator, and of nothing else. */
  private expectAuditToBe({ records, operatorLines }: BooksModel): void {
    const lines = auditRecordsOf(this.auditPath).filter(({ event }) => event !== 'audit_continued');
    const moves = lines.filter((line) => line['requestId'] !== undefined);
    expectSame(moves.map(textOfLine), records.filter(({ state }) => state !== 'held').map(textOfMove));
    expectSame(
      lines.filter((line) => !moves.includes(line)).map(({ event }) => String(event)),
      operatorLines,
    );
  }
}

/** Comparing as text is a lot quicker; what differs is shown line by line. */
function expectSame(actual: readonly string[], expected: readonly string[]): void {
  if (actual.join('\n') !== expected.join('\n')) expect(actual).toEqual(expected);
}

function daysOf(model: BooksModel): Day[] {
  const names = [...model.days.keys()].toSorted();
  return names.map((day) => ({
    day,
    spent: model.sum(day, 'settled'),
    held: model.sum(day, 'held'),
    signed: model.sum(day, 'signed'),
    unresolved: model.sum(day, 'unresolved'),
    raised: model.days.get(day)!.raised,
    calls: BigInt(model.days.get(day)!.calls),
  }));
}

function clientDaysOf(model: BooksModel): ClientDay[] {
  const names = [...model.days.keys()].toSorted().flatMap((day) => ['free', 'tight'].map((client) => ({ day, client })));
  const days = names.map(({ day, client }) => {
    const sum = (state: Hold['state']) => model.sumOf((hold) => hold.day === day && hold.client === client, state);
    const of = `${day} of ${client}`;
    return { of, spent: sum('settled'), held: sum('held'), signed: sum('signed'), unresolved: sum('unresolved') };
  });
  return days.filter(({ spent, held, signed, unresolved }) => spent + held + signed + unresolved > 0n);
}

function textOfClientDay({ of, spent, held, signed, unresolved }: ClientDay): string {
  return `${of}: ${spent} spent, ${held} held, ${signed} signed, ${unresolved} unresolved`;
}

function textOfHold({ id, state, owner }: OpenHold): string {
  return `${id} is ${state}, of ${owner}`;
}

function textOfDay({ day, spent, held, signed, unresolved, raised, calls }: Day): string {
  return `${day}: ${spent} spent, ${held} held, ${signed} signed, ${unresolved} unresolved, ${raised} raised, ${calls} calls`;
}

function textOfEntry({ id, step, state, day, amount, client }: Entry): string {
  return `${id} ${step} ${state} on ${day}: ${amount} of ${client ?? 'nobody'}`;
}

function textOfMove({ id, state, day, amount }: Entry): string {
  return `${id} ${state} on ${day}: ${formatUsd(counts(state) ? amount : 0n)}`;
}

function textOfLine({ event, requestId, day, state, booked, amount }: Record<string, unknown>): string {
  const [to, counted] = event === 'payment_signed' ? ['signed', amount] : [state, booked];
  return `${String(requestId)} ${String(to)} on ${String(day)}: ${String(counted)}`;
}

function counts(state: Hold['state']): boolean {
  return state !== 'released' && state !== 'expired';
}

function holdOf({ id, day, state, amount: amountMicroUsd }: Entry): Hold {
  return { id, day, state, amountMicroUsd, model: '' };
}
