import { utcDay } from '../clock/clock.js';
import type { ActivitySum } from '../ledger/ledger-activity.js';
import { type DayRange, daysOf, TAKEN_OVER } from '../ledger/usage.js';
import { formatUsd, type MicroUsd } from '../money/micro-usd.js';

export const DAYS_SHOWN = 30;
const HOURS_SHOWN = 24;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

interface Sum {
  spentMicroUsd: MicroUsd;
  calls: number;
}

/** Amounts are decimal strings of USD. */
export interface ShownSum {
  spentUsd: string;
  calls: number;
}

export interface NamedSums {
  name: string;
  today: ShownSum;
  days: ShownSum;
}

export interface ActivityView {
  /** The last 24 hours, oldest first, by when calls ended; `from` is the beginning of the hour. */
  hours: (ShownSum & { from: string })[];
  /** The last 30 UTC days, oldest first. */
  days: (ShownSum & { day: string })[];
  /** Every model of these days, dearest first. */
  models: NamedSums[];
  /** Every client that was known by name, dearest first. */
  clients: NamedSums[];
}

/** The days that are shown, at this instant. */
export function shownDays(now: Date): DayRange {
  return { from: utcDay(new Date(now.getTime() - (DAYS_SHOWN - 1) * DAY_MS)), to: utcDay(now) };
}

/** By day, then by name. */
type SumsByDay = Map<string, Map<string, Sum>>;

/** What calls added up to, by hour, and by day and model or client. It keeps what can still be shown, and no more. */
export class Activity {
  private readonly hours = new Map<number, Sum>();
  private readonly models: SumsByDay = new Map();
  private readonly clients: SumsByDay = new Map();

  add({ day, hour, model, client, calls, spentMicroUsd }: ActivitySum): void {
    addTo(namesOf(this.models, day), model ?? TAKEN_OVER, { calls, spentMicroUsd });
    if (client !== null) addTo(namesOf(this.clients, day), client, { calls, spentMicroUsd });
    if (model !== null) addTo(this.hours, Number(hour), { calls, spentMicroUsd });
  }

  view(now: Date): ActivityView {
    const range = shownDays(now);
    this.forgetBefore(range.from, now);
    const thisHour = Math.floor(now.getTime() / HOUR_MS);
    const hours = Array.from({ length: HOURS_SHOWN }, (_none, at) => thisHour - HOURS_SHOWN + 1 + at);
    return {
      hours: hours.map((hour) => ({ from: new Date(hour * HOUR_MS).toISOString(), ...shown(this.hours.get(hour)) })),
      days: daysOf(range).map((day) => ({ day, ...shown(total(this.models.get(day)?.values() ?? [])) })),
      models: ranked(this.models, range.to),
      clients: ranked(this.clients, range.to),
    };
  }

  private forgetBefore(day: string, now: Date): void {
    const firstHour = Math.floor(now.getTime() / HOUR_MS) - HOURS_SHOWN;
    for (const sums of [this.models, this.clients]) for (const known of sums.keys()) if (known < day) sums.delete(known);
    for (const known of this.hours.keys()) if (known < firstHour) this.hours.delete(known);
  }
}

function namesOf(days: SumsByDay, day: string): Map<string, Sum> {
  const names = days.get(day) ?? new Map<string, Sum>();
  days.set(day, names);
  return names;
}

function ranked(days: SumsByDay, today: string): NamedSums[] {
  const sums = new Map<string, Sum>();
  for (const names of days.values()) for (const [name, sum] of names) addTo(sums, name, sum);
  return [...sums]
    .toSorted(([, one], [, other]) => Number(other.spentMicroUsd - one.spentMicroUsd) || other.calls - one.calls)
    .map(([name, sum]) => ({ name, today: shown(days.get(today)?.get(name)), days: shown(sum) }));
}

function addTo<Key>(sums: Map<Key, Sum>, key: Key, { calls, spentMicroUsd }: Sum): void {
  const sum = sums.get(key) ?? { calls: 0, spentMicroUsd: 0n };
  sums.set(key, { calls: sum.calls + calls, spentMicroUsd: sum.spentMicroUsd + spentMicroUsd });
}

function total(sums: Iterable<Sum>): Sum {
  return [...sums].reduce(
    (all, { calls, spentMicroUsd }) => ({ calls: all.calls + calls, spentMicroUsd: all.spentMicroUsd + spentMicroUsd }),
    {
      calls: 0,
      spentMicroUsd: 0n,
    },
  );
}

function shown({ calls, spentMicroUsd }: Sum = { calls: 0, spentMicroUsd: 0n }): ShownSum {
  return { calls, spentUsd: formatUsd(spentMicroUsd) };
}
