import { type BudgetStatus, budgetStatusOf } from '../budget/budget-status.js';
import { type Clock, utcDay } from '../clock/clock.js';
import { isPauseFile } from '../budget/pause-file.js';
import type { Configuration } from '../configuration/configuration.js';
import { emptyDay, totalsFrom } from '../ledger/ledger-rows.js';
import { ledgerSnapshot } from '../ledger/ledger-snapshot.js';
import { refuseWhenStopped } from '../ledger/spending-stop.js';
import { displayUsdText, parseUsd } from '../money/micro-usd.js';
import type { DoctorBooks } from './doctor-books.js';
import { type Check, fail, type Finding, ok, together, warn } from './finding.js';
import { onLedger } from './on-ledger.js';
import { reasonOf } from '../errors/reason-of.js';

/** What may still be paid today, and what waits for an operator. */
export function budgetCheck(books: DoctorBooks, configuration: Pick<Configuration, 'dailyCapMicroUsd' | 'pauseFile'>, clock: Clock): Check {
  const { dailyCapMicroUsd, pauseFile } = configuration;
  return {
    name: 'budget',
    run: () =>
      onLedger(books, async (store) => {
        const now = (await store.time()) ?? clock.now();
        const { days, openHolds } = await ledgerSnapshot(store);
        const totals = days.get(utcDay(now)) ?? totalsFrom(emptyDay(utcDay(now)));
        const unresolved = [...openHolds.values()].filter((state) => state === 'unresolved').length;
        const stop = await refuseWhenStopped(store.reader).catch(reasonOf);
        return together([
          today(budgetStatusOf({ totals, dailyCapMicroUsd, clients: [], clientTotals: [], now })),
          ...(unresolved > 0 ? [waiting(unresolved)] : []),
          ...(stop === undefined ? [] : [fail(stop)]),
          ...(isPauseFile(pauseFile) ? [fail(`paused by the file ${pauseFile}`, `rm ${pauseFile}`)] : []),
        ]);
      }),
  };
}

function today({ capUsd, spentUsd, remainingUsd, calls }: BudgetStatus): Finding {
  const says = `${displayUsdText(spentUsd)} of ${displayUsdText(capUsd)} spent today in ${calls} calls, ${displayUsdText(remainingUsd)} left`;
  if (parseUsd(remainingUsd) !== 0n) return ok(says);
  return warn(says, 'wait for 00:00 UTC, or run: blockrun-openclaw-proxy budget raise 0.50 --reason "…"');
}

function waiting(unresolved: number): Finding {
  const says = `${unresolved} ${unresolved === 1 ? 'payment has' : 'payments have'} no verdict yet, and count`;
  return warn(says, 'run, with BLOCKRUN_RPC_URL set: blockrun-openclaw-proxy reconcile');
}
