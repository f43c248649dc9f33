import { nextUtcDay } from '../clock/clock.js';
import type { Client } from '../configuration/client.js';
import { type ClientTotals, countedMicroUsd, type DayTotals } from '../ledger/hold.js';
import { formatUsd, type MicroUsd } from '../money/micro-usd.js';

interface Amounts {
  spentUsd: string;
  /** Set aside for calls in flight and for unresolved payments. */
  heldUsd: string;
  /** The part of `heldUsd` whose outcome nobody knows. */
  unresolvedUsd: string;
  calls: number;
}

/** Today's budget as `GET /v1/budget` and the command `budget` show it; amounts are decimal strings of USD. */
export interface BudgetStatus extends Amounts {
  day: string;
  /** The daily cap, with what an operator has added for today. */
  capUsd: string;
  remainingUsd: string;
  resetsAt: string;
  /** Left out where there are none. */
  clients?: ClientStatus[];
}

/** What one client has used of its own budget today; it is in the amounts of all, too. Null: it has no daily cap of its own. */
export interface ClientStatus extends Amounts {
  client: string;
  capUsd: string | null;
  remainingUsd: string | null;
}

export interface BudgetFacts {
  totals: DayTotals;
  dailyCapMicroUsd: MicroUsd;
  clients: readonly Client[];
  clientTotals: readonly ClientTotals[];
  now: Date;
}

export function budgetStatusOf({ totals, dailyCapMicroUsd, clients, clientTotals, now }: BudgetFacts): BudgetStatus {
  const cap = dailyCapMicroUsd + totals.raisedMicroUsd;
  const { calls, ...amounts } = amountsOf(totals);
  const names = new Set([...clients.map(({ name }) => name), ...clientTotals.map(({ client }) => client)]);
  const statusOf = (name: string) =>
    clientStatusOf(
      name,
      clients.find((client) => client.name === name)?.dailyCapMicroUsd,
      clientTotals.find(({ client }) => client === name),
    );
  return {
    day: totals.day,
    capUsd: formatUsd(cap),
    ...amounts,
    remainingUsd: remaining(cap, totals),
    calls,
    resetsAt: nextUtcDay(now).toISOString(),
    ...(names.size > 0 && { clients: [...names].map(statusOf) }),
  };
}

function clientStatusOf(client: string, cap: MicroUsd | undefined, totals: ClientTotals | undefined): ClientStatus {
  const used = totals ?? NOTHING;
  const { calls, ...amounts } = amountsOf(used);
  return {
    client,
    capUsd: cap === undefined ? null : formatUsd(cap),
    ...amounts,
    remainingUsd: cap === undefined ? null : remaining(cap, used),
    calls,
  };
}

type Totals = Omit<ClientTotals, 'day' | 'client'>;
const NOTHING: Totals = { spentMicroUsd: 0n, heldMicroUsd: 0n, signedMicroUsd: 0n, unresolvedMicroUsd: 0n, calls: 0 };

function amountsOf(totals: Totals): Amounts {
  return {
    spentUsd: formatUsd(totals.spentMicroUsd),
    heldUsd: formatUsd(countedMicroUsd(totals) - totals.spentMicroUsd),
    unresolvedUsd: formatUsd(totals.unresolvedMicroUsd),
    calls: totals.calls,
  };
}

function remaining(cap: MicroUsd, totals: Totals): string {
  const left = cap - countedMicroUsd(totals);
  return formatUsd(left > 0n ? left : 0n);
}
