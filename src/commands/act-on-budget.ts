import { BudgetOverview } from '../budget/budget-overview.js';
import type { BudgetStatus } from '../budget/budget-status.js';
import { isPauseFile } from '../budget/pause-file.js';
import { Clock } from '../clock/clock.js';
import { Configuration } from '../configuration/configuration.js';
import { Ledger } from '../ledger/ledger.js';
import { LedgerModule } from '../ledger/ledger.module.js';
import { LedgerReader } from '../ledger/ledger-reader.js';
import { LedgerSummary } from '../ledger/ledger-summary.js';
import { SpendingControl } from '../ledger/spending-control.js';
import { displayUsdText, formatUsd } from '../money/micro-usd.js';
import { onBooks, print, printJson } from './on-books.js';

/** What one machine has bought today; it is in the amounts of all, too. */
type MachineStatus = Pick<BudgetStatus, 'spentUsd' | 'heldUsd' | 'unresolvedUsd' | 'calls'> & { machine: string };

/** Today's budget, and what operators have done about it. */
interface BudgetView extends BudgetStatus {
  /** Of a ledger that machines share. */
  machines?: MachineStatus[];
  raises: { amountUsd: string; reason: string }[];
  stops: string[];
}

/** Does what an operator wants, then shows how today's budget stands. */
export function actOnBudget(work: (control: SpendingControl) => Promise<unknown>, { asJson }: { asJson: boolean }): Promise<void> {
  return onBooks([LedgerModule], async (books) => {
    const control = books.get(SpendingControl);
    await work(control);
    books.get(LedgerSummary).changed();
    const configuration = books.get(Configuration);
    const overview = new BudgetOverview(configuration, books.get<Ledger>(Ledger), books.get<Clock>(Clock));
    const { raises, stops } = await control.state();
    const { pauseFile } = configuration;
    const status = await overview.status();
    const view: BudgetView = {
      ...status,
      ...(configuration.sharedLedger && { machines: await machinesOf(books.get(LedgerReader), status.day) }),
      raises: raises.map(({ amountMicroUsd, reason }) => ({ amountUsd: formatUsd(amountMicroUsd), reason })),
      stops: isPauseFile(pauseFile) ? [...stops, `the file ${pauseFile} is there: remove it to go on`] : stops,
    };
    if (asJson) printJson(view);
    else print(textOf(view));
  });
}

async function machinesOf(reader: LedgerReader, day: string): Promise<MachineStatus[]> {
  return (await reader.machinesOn(day)).map(({ label, usage }) => ({
    machine: label,
    spentUsd: formatUsd(usage.spentMicroUsd),
    heldUsd: formatUsd(usage.inFlightMicroUsd + usage.unresolvedMicroUsd),
    unresolvedUsd: formatUsd(usage.unresolvedMicroUsd),
    calls: usage.calls,
  }));
}

function textOf({ day, resetsAt, raises, stops, calls, clients = [], machines = [], ...amounts }: BudgetView): string {
  const { capUsd, spentUsd, heldUsd, unresolvedUsd, remainingUsd } = amounts;
  const rows = { cap: capUsd, spent: spentUsd, held: heldUsd, 'of it unresolved': unresolvedUsd, remaining: remainingUsd };
  return [
    `Budget of ${day} (UTC), until ${resetsAt}`,
    ...Object.entries(rows).map(([name, usd]) => `  ${name.padEnd(18)}${displayUsdText(usd).padStart(12)}`),
    `  ${'calls'.padEnd(18)}${String(calls).padStart(12)}`,
    ...clients.map(
      ({ client, spentUsd: spent, capUsd: cap }) =>
        `  ${`client ${client}`.padEnd(18)}${displayUsdText(spent).padStart(12)}${cap === null ? '' : ` of ${displayUsdText(cap)}`}`,
    ),
    ...machines.map(
      ({ machine, spentUsd: spent, heldUsd: held }) =>
        `  ${`machine ${machine}`.padEnd(18)}${displayUsdText(spent).padStart(12)}, ${displayUsdText(held)} held`,
    ),
    ...raises.map(({ amountUsd, reason }) => `  raised by ${displayUsdText(amountUsd)}: ${reason}`),
    ...stops.map((reason) => `  PAUSED: ${reason}`),
  ].join('\n');
}
