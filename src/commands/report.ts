import { LedgerReader } from '../ledger/ledger-reader.js';
import { LedgerReaderModule } from '../ledger/ledger-reader.module.js';
import { type DayRange, differencesOf, type Grouping, usageReport } from '../ledger/usage.js';
import { DIFFERENCES } from './exit-codes.js';
import { onBooks, print, printJson } from './on-books.js';
import { reportCsv } from './report-csv.js';
import { reportFacts } from './report-json.js';
import { reportTable } from './report-table.js';

export interface Shape {
  by: Grouping;
  json?: true;
  csv?: true;
}

/** Where the output is no terminal. */
const DEFAULT_WIDTH = 100;

/** Shows what the records of these days add up to, and says where that is not what the ledger keeps as their totals. It only reads. */
export async function report(range: DayRange, { by, json, csv }: Shape): Promise<void> {
  const records = await onBooks([LedgerReaderModule], (books) => books.get(LedgerReader).usage(range));
  const result = usageReport(range, by, records);
  if (csv) process.stdout.write(reportCsv(result));
  else if (json) printJson(reportFacts(result));
  else print(reportTable(result, process.stdout.columns || DEFAULT_WIDTH));
  const differences = differencesOf(records);
  if (differences.length === 0) return;
  process.stderr.write(
    `The records do not add up to the totals of their days, so somebody changed the ledger:\n${differences.join('\n')}\n`,
  );
  process.exitCode = DIFFERENCES;
}
