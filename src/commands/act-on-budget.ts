import { type BudgetStatus, budgetStatusOf } from '../budget/budget-status.js';
import { Clock, utcDay } from '../clock/clock.js';
import { Configuration } from '../configuration/configuration.js';
import { Ledger } from '../ledger/ledger.js';
import { LedgerModule } from '../ledger/ledger.module.js';
import { LedgerSummary } from '../ledger/ledger-summary.js';
import { SpendingControl } from '../ledger/spending-control.js';
import { displayUsd, formatUsd, parseUsd } from '../money/micro-usd.js';
import { onBooks, print, printJson } from './on-books.js';

/** Today's budget, and what operators have done about it. */
interface BudgetView extends BudgetStatus {
  raises: { amountUsd: string; reason: string }[];
  stops: string[];
}

/** Does what an operator wants, then shows how today's budget stands. */
export function actOnBudget(work: (control: SpendingControl) => Promise<unknown>, { asJson }: { asJson: boolean }): Promise<void> {
  return onBooks([LedgerModule], async (books) => {
    const control = books.get(SpendingControl);
    await work(control);
    books.get(LedgerSummary).changed();
    const now = books.get<Clock>(Clock).now();
    const totals = await books.get<Ledger>(Ledger).totals(utcDay(now));
    const { raises, stops } = await control.state();
    const view: BudgetView = {
      ...budgetStatusOf(totals, books.get(Configuration).dailyCapMicroUsd, now),
      raises: raises.map(({ amountMicroUsd, reason }) => ({ amountUsd: formatUsd(amountMicroUsd), reason })),
      stops,
    };
    if (asJson) printJson(view);
    else print(textOf(view));
  });
}

function textOf({ day, resetsAt, raises, stops, calls, ...amounts }: BudgetView): string {
  const { capUsd, spentUsd, heldUsd, unresolvedUsd, remainingUsd } = amounts;
  const rows = { cap: capUsd, spent: spentUsd, held: heldUsd, 'of it unresolved': unresolvedUsd, remaining: remainingUsd };
  return [
    `Budget of ${day} (UTC), until ${resetsAt}`,
    ...Object.entries(rows).map(([name, usd]) => `  ${name.padEnd(18)}${displayUsd(parseUsd(usd) ?? 0n).padStart(12)}`),
    `  ${'calls'.padEnd(18)}${String(calls).padStart(12)}`,
    ...raises.map(({ amountUsd, reason }) => `  raised by ${displayUsd(parseUsd(amountUsd) ?? 0n)}: ${reason}`),
    ...stops.map((reason) => `  STOPPED: ${reason}`),
  ].join('\n');
}
