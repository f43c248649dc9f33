import { type Grouping, NO_CLIENT, NO_PAYEE, TAKEN_OVER, type Usage, type UsageReport } from '../ledger/usage.js';
import { displayUsd, type MicroUsd } from '../money/micro-usd.js';

/** A column of text: the head, one cell a row, the cell of the total line; all are padded to one width. */
interface Column {
  head: string;
  cells: string[];
  total: string;
  isLeft?: true;
}

const GAP = '  ';
const MAX_BAR = 24;
/** Below this a bar says nothing. */
const MIN_BAR = 4;
/** A label is not cut shorter. */
const MIN_LABEL = 10;
/** One to eight eighths of a character cell. */
const BLOCKS = '▏▎▍▌▋▊▉█';
const HEADS: Record<Grouping, string> = {
  day: 'Day (UTC)',
  model: 'Model',
  payee: 'Payee',
  machine: 'Machine',
  client: 'Client',
  status: 'Status',
};

/**
 * The report for people. Its table is at most `width` characters wide as long as amounts and counts fit, and amounts stand point under
 * point. Columns of which there is nothing to tell are left out, and so are the bars where there is no room for them.
 */
export function reportTable(report: UsageReport, width: number): string {
  const { by, from, to, rows } = report;
  const figures = figureColumns(report);
  const room = width - figures.reduce((sum, column) => sum + GAP.length + widthOf(column), 0);
  const labels = labelColumn(report, Math.max(room, MIN_LABEL));
  const bars = by === 'status' ? [] : barColumn(rows, Math.min(MAX_BAR, room - widthOf(labels) - GAP.length));
  const lines = linesOf([labels, ...figures, ...bars]);
  return [`Spent by ${by}, ${from === to ? from : `${from} to ${to}`} (UTC)`, '', ...lines, ...notes(report)].join('\n');
}

function figureColumns({ by, rows, total }: UsageReport): Column[] {
  const usages = [...rows.map(({ usage }) => usage), total];
  const column = (head: string, texts: readonly string[]): Column => ({ head, cells: texts.slice(0, -1), total: texts.at(-1) ?? '' });
  const counts = (head: string, count: (usage: Usage) => number) => column(head, usages.map(count).map(String));
  const unresolved = usages.map((usage) => ({ amount: usage.unresolvedMicroUsd, count: usage.unresolved }));
  const inFlight = usages.map((usage) => ({ amount: usage.inFlightMicroUsd, count: usage.inFlight }));
  return [
    ...(by === 'status' ? [counts('Holds', ({ holds }) => holds)] : []),
    counts('Calls', ({ calls }) => calls),
    counts('Paid', ({ paidCalls }) => paidCalls),
    column('Spent', pointUnderPoint(usages.map(({ spentMicroUsd }) => spentMicroUsd))),
    ...(total.unresolved > 0 ? [column('Unresolved', withCounts(unresolved))] : []),
    ...(total.inFlight > 0 ? [column('In flight', withCounts(inFlight))] : []),
  ];
}

/** `$1.00` and `$0.0026` with their points in one column. */
function pointUnderPoint(amounts: readonly MicroUsd[]): string[] {
  const texts = amounts.map(displayUsd);
  const places = (text: string) => text.length - text.indexOf('.');
  const widest = Math.max(...texts.map(places));
  return texts.map((text) => text + ' '.repeat(widest - places(text)));
}

/** Amounts with how many holds they are the sums of; nothing where there are none. */
function withCounts(sums: readonly { amount: MicroUsd; count: number }[]): string[] {
  const amounts = pointUnderPoint(sums.map(({ amount }) => amount));
  const widest = Math.max(...sums.map(({ count }) => String(count).length));
  return sums.map(({ count }, at) => (count === 0 ? '' : `${amounts[at]} ${`(${count})`.padStart(widest + 2)}`));
}

function labelColumn({ by, rows }: UsageReport, width: number): Column {
  return { head: HEADS[by], cells: rows.map(({ label }) => shortened(printable(label), width)), total: 'Total', isLeft: true };
}

/** What came from elsewhere (a payee is named by the seller) cannot steer the terminal. */
function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?');
}

/** Addresses and model ids tell themselves apart at both ends. */
function shortened(text: string, width: number): string {
  if (text.length <= width) return text;
  const tail = Math.floor((width - 1) / 2);
  return `${text.slice(0, width - 1 - tail)}…${text.slice(-tail)}`;
}

function barColumn(rows: UsageReport['rows'], width: number): Column[] {
  const largest = rows.reduce((most, { usage }) => (usage.spentMicroUsd > most ? usage.spentMicroUsd : most), 0n);
  if (width < MIN_BAR || largest === 0n) return [];
  return [{ head: '', cells: rows.map(({ usage }) => bar(usage.spentMicroUsd, largest, width)), total: '', isLeft: true }];
}

/** A bar in eighths of a character; whatever is more than nothing shows. */
export function bar(amount: MicroUsd, largest: MicroUsd, width: number): string {
  if (amount <= 0n) return '';
  const eighths = Math.max(1, Number((amount * BigInt(width * 8)) / largest));
  return '█'.repeat(Math.floor(eighths / 8)) + (BLOCKS[(eighths % 8) - 1] ?? '');
}

function widthOf({ head, cells, total }: Column): number {
  return [head, total, ...cells].reduce((widest, { length }) => Math.max(widest, length), 0);
}

function linesOf(columns: readonly Column[]): string[] {
  const widths = columns.map(widthOf);
  const line = (cell: (column: Column) => string) =>
    columns
      .map((column, at) => (column.isLeft ? cell(column).padEnd(widths[at] ?? 0) : cell(column).padStart(widths[at] ?? 0)))
      .join(GAP)
      .trimEnd();
  const rule = '─'.repeat(line(({ total }) => total).length);
  const body = (columns[0]?.cells ?? []).map((_label, row) => line(({ cells }) => cells[row] ?? ''));
  return [line(({ head }) => head), rule, ...body, rule, line(({ total }) => total)];
}

function notes({ rows, total }: UsageReport): string[] {
  const has = (name: string) => rows.some(({ label }) => label === name);
  const notes = [
    ...(total.unresolved > 0
      ? ['Unresolved: signed, and no proof yet whether it was taken. It keeps counting against the cap of its day.']
      : []),
    ...(total.inFlight > 0 ? ['In flight: set aside for calls that have not ended.'] : []),
    ...(has(TAKEN_OVER) ? [`${TAKEN_OVER}: from the ledger.json of before, which names no models.`] : []),
    ...(has(NO_CLIENT) ? [`${NO_CLIENT}: of no client of BLOCKRUN_CLIENTS_FILE.`] : []),
    ...(has(NO_PAYEE) ? [`${NO_PAYEE}: nothing was signed, or it is from the ledger.json of before, which names no payees.`] : []),
  ];
  return notes.length > 0 ? ['', ...notes] : [];
}
