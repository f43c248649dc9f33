import type { BookFault } from '../audit/audit-chain.js';
import { formatUsd } from '../money/micro-usd.js';
import { faultOfRecord, type Hold, totalOf } from './hold.js';
import type { LedgerSnapshot } from './ledger-snapshot.js';

const AMOUNTS = ['spent', 'held', 'signed', 'unresolved'] as const;
type Amounts = Record<(typeof AMOUNTS)[number], bigint>;

/** Adds up entries, oldest first, to the totals of their days and the holds that are open. It keeps what is open and the days, no more. */
export class LedgerFold {
  private readonly open = new Map<string, { hold: Hold; step: bigint }>();
  private readonly days = new Map<string, Amounts>();

  /** Why the entry cannot follow those before it; undefined when it can, and is added. */
  add(hold: Hold, step: bigint): string | undefined {
    const last = this.open.get(hold.id);
    if (step !== (last ? last.step + 1n : 0n)) return `is step ${step} of hold ${hold.id}, which has ended or is not so far`;
    const fault = faultOfRecord(last?.hold, hold);
    if (fault !== undefined) return `cannot be: ${fault}`;
    const amounts = this.amountsOf(hold.day);
    const left = last && totalOf(last.hold.state);
    if (last && left) amounts[left] -= last.hold.amountMicroUsd;
    const entered = totalOf(hold.state);
    if (entered) amounts[entered] += hold.amountMicroUsd;
    if (entered && entered !== 'spent') this.open.set(hold.id, { hold, step });
    else this.open.delete(hold.id);
    return undefined;
  }

  /** The first day, or else a hold, of which the ledger's totals say something else than its entries. */
  faultOfTotals({ days, raised, openHolds }: LedgerSnapshot): BookFault | undefined {
    for (const day of [...new Set([...days.keys(), ...this.days.keys()])].toSorted()) {
      const totals = days.get(day);
      const amounts = { ...this.amountsOf(day), raised: raised.get(day) ?? 0n };
      for (const name of [...AMOUNTS, 'raised'] as const) {
        const total = totals?.[`${name}MicroUsd`] ?? 0n;
        if (total === amounts[name]) continue;
        return { where: `day ${day}`, what: `has ${formatUsd(total)} USD ${name}, but its records add up to ${formatUsd(amounts[name])}` };
      }
    }
    return this.faultOfOpenHolds(openHolds);
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

  private amountsOf(day: string): Amounts {
    let amounts = this.days.get(day);
    if (!amounts) this.days.set(day, (amounts = { spent: 0n, held: 0n, signed: 0n, unresolved: 0n }));
    return amounts;
  }
}
