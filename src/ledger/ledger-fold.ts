import type { BookFault } from '../audit/audit-chain.js';
import { formatUsd } from '../money/micro-usd.js';
import { faultOfRecord, type Hold, totalOf } from './hold.js';
import type { LedgerSnapshot } from './ledger-snapshot.js';

const AMOUNTS = ['spent', 'held', 'signed', 'unresolved'] as const;
type Amounts = Record<(typeof AMOUNTS)[number], bigint>;
const NOTHING: Amounts = { spent: 0n, held: 0n, signed: 0n, unresolved: 0n };

/**
 * Adds up entries, oldest first, to the totals of their days, and of their clients on these, and the holds that are open. It keeps what
 * is open and the totals, no more.
 */
export class LedgerFold {
  private readonly open = new Map<string, { hold: Hold; step: bigint }>();
  private readonly days = new Map<string, Amounts>();
  private readonly clientDays = new Map<string, Amounts>();

  /** Why the entry cannot follow those before it; undefined when it can, and is added. */
  add(hold: Hold, step: bigint): string | undefined {
    const last = this.open.get(hold.id);
    if (step !== (last ? last.step + 1n : 0n)) return `is step ${step} of hold ${hold.id}, which has ended or is not so far`;
    const fault = faultOfRecord(last?.hold, hold);
    if (fault !== undefined) return `cannot be: ${fault}`;
    const { day, client } = hold;
    const entered = totalOf(hold.state);
    const left = last && totalOf(last.hold.state);
    const sums = [amountsIn(this.days, day)];
    if (client !== undefined) sums.push(amountsIn(this.clientDays, `${day} of ${client}`));
    for (const amounts of sums) {
      if (last && left) amounts[left] -= last.hold.amountMicroUsd;
      if (entered) amounts[entered] += hold.amountMicroUsd;
    }
    if (entered && entered !== 'spent') this.open.set(hold.id, { hold, step });
    else this.open.delete(hold.id);
    return undefined;
  }

  /** The first day, or else a hold, of which the ledger's totals say something else than its entries. */
  faultOfTotals({ days, clientDays, raised, openHolds }: LedgerSnapshot): BookFault | undefined {
    const withRaises = new Map(
      [...this.days.keys(), ...days.keys()].map((day) => [day, { ...amountsIn(this.days, day), raised: raised.get(day) ?? 0n }]),
    );
    const totalsOfClients = new Map(clientDays.map((totals) => [`${totals.day} of ${totals.client}`, totals]));
    return faultOfSums(days, withRaises) ?? faultOfSums(totalsOfClients, this.clientDays) ?? this.faultOfOpenHolds(openHolds);
  }

  private faultOfOpenHolds(openHolds: ReadonlyMap<string, string>): BookFault | undefined {
    for (const [id, { hold }] of this.open) {
      const state = openHolds.get(id);
      if (state !== hold.state) return { where: `hold ${id}`, what: `is ${hold.state}, but is listed as ${state ?? 'ended'}` };
    }
    for (const [id, state] of openHolds) {
      if (!this.open.has(id)) return { where: `hold ${id}`, what: `has ended, or never was, but is listed as ${state}` };
    }
    return undefined;
  }
}

function amountsIn(sums: Map<string, Amounts>, name: string): Amounts {
  let amounts = sums.get(name);
  if (!amounts) sums.set(name, (amounts = { ...NOTHING }));
  return amounts;
}

type Totals = { [Name in keyof Amounts | 'raised' as `${Name}MicroUsd`]?: bigint };

/** The first, by its name, of which the totals that are kept say something else than the records that add up to it. */
function faultOfSums(kept: ReadonlyMap<string, Totals>, sums: ReadonlyMap<string, Amounts & { raised?: bigint }>): BookFault | undefined {
  for (const of of [...new Set([...kept.keys(), ...sums.keys()])].toSorted()) {
    for (const name of [...AMOUNTS, 'raised'] as const) {
      const [total, sum] = [kept.get(of)?.[`${name}MicroUsd`] ?? 0n, sums.get(of)?.[name] ?? 0n];
      if (total === sum) continue;
      return { where: `day ${of}`, what: `has ${formatUsd(total)} USD ${name}, but its records add up to ${formatUsd(sum)}` };
    }
  }
  return undefined;
}
