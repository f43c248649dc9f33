import { usd } from '../sandbox/block-run/pricing.js';
import { differencesOf, sumOf, type Books } from './soak-books.js';
import type { Drive } from './soak-drive.js';
import type { StateSizes } from './soak-files.js';
import { number, table } from './text.js';

interface ProxyFigures {
  readonly peakMib: number;
  readonly slowestStartMs: number;
  readonly deaths: number;
  readonly stopMs: number;
  readonly complaints: ReadonlyMap<string, number>;
}

export interface SoakResults {
  readonly seed: number;
  readonly calls: number;
  readonly capMicroUsd: bigint;
  /** How often each of the seller's faults was in the mix. */
  readonly faultCounts: readonly number[];
  readonly drive: Drive;
  readonly books: Books;
  /** Why the facilitator did not settle, each time. */
  readonly failedSettlements: readonly string[];
  readonly proxies: readonly ProxyFigures[];
  readonly resolveSeconds: number;
  /** While both proxies were still up, and after they had stopped. */
  readonly sizes: StateSizes;
  readonly sizesAtEnd: StateSizes;
  readonly largestLogBytes: number;
  readonly totalSeconds: number;
}

const SHOWN_COMPLAINTS = 12;

/** Why the run has failed; empty when it has not. */
export function failuresOf({ books, drive, failedSettlements, proxies }: SoakResults): string[] {
  const unsettled =
    failedSettlements.length === 0 ? [] : [`the seller could not settle ${failedSettlements.length} payments: ${failedSettlements[0]}`];
  const died = proxies.flatMap(({ deaths }, index) => (deaths === 0 ? [] : [`proxy ${index + 1} ended ${deaths} times by itself`]));
  return [...differencesOf(books), ...drive.faults, ...unsettled, ...died];
}

export function soakReport(results: SoakResults): string {
  const failures = failuresOf(results);
  const parts = [
    section('Calls by how they ended for the client', callTable(results)),
    section('The books (USD)', bookTable(results)),
    section('Resources', resourceTable(results)),
    section('What the proxies complained about in their logs', complaintTable(results)),
    failures.length === 0
      ? 'THE BOOKS AGREE to the micro-dollar, payment by payment, and every line of the audit is in its place.'
      : section(`THE RUN HAS FAILED (${failures.length})`, failures.join('\n')),
  ];
  return parts.join('\n\n');
}

function section(title: string, body: string): string {
  return `${title}\n${'-'.repeat(title.length)}\n${body}`;
}

function callTable({ drive, faultCounts }: SoakResults): string {
  const { endings, refusedConnections, kills } = drive;
  const rows = [...endings].toSorted(([, one], [, other]) => other - one).map(([label, count]) => [label, String(count)]);
  const faulty = faultCounts.reduce((sum, count) => sum + count, 0);
  const total = [...endings.values()].reduce((sum, count) => sum + count, 0);
  return table([
    ...rows,
    ['all', String(total)],
    [`calls with a fault of the seller, ${faultCounts.length} kinds, each ${Math.min(...faultCounts)} times or more`, String(faulty)],
    ['kills (kill -9)', String(kills)],
    ['connections refused meanwhile, tried elsewhere', String(refusedConnections)],
  ]);
}

function bookTable({ books, capMicroUsd }: SoakResults): string {
  const { seller, chain, ledger, audit } = books;
  const settled = ledger.states.get('settled');
  return table([
    ['', 'USD', 'payments'],
    ['seller: settlements', usd(sumOf(seller)), String(seller.size)],
    ['chain: transfers from the wallet', usd(sumOf(chain)), String(chain.size)],
    ['chain: what the wallet has less', usd(books.leftWalletMicroUsd), ''],
    ['ledger: spent, of its days', usd(ledger.days.spent), ''],
    ['ledger: settled, of its newest entries', usd(settled?.amountMicroUsd ?? 0n), String(settled?.holds ?? 0n)],
    ['audit: booked, of the last lines', usd(audit.bookedMicroUsd), String(audit.payments.size)],
    ['ledger.json', books.summaryMicroUsd === undefined ? 'missing' : usd(books.summaryMicroUsd), ''],
    ['held at the end', usd(ledger.days.held + ledger.days.signed), ''],
    ['unresolved at the end', usd(ledger.days.unresolved), ''],
    ['daily cap', usd(capMicroUsd), ''],
    ...[...ledger.states].map(([state, { holds }]) => [`holds that ended as ${state}`, '', String(holds)]),
  ]);
}

function resourceTable(results: SoakResults): string {
  const { proxies, books, sizes, sizesAtEnd, largestLogBytes, calls, drive } = results;
  const { audit, ledger } = books;
  const perCall = (bytes: number) => `${number(bytes / calls, 0)} a call`;
  return table(
    [
      ...proxies.map(({ peakMib }, index) => [`proxy ${index + 1}: peak resident memory`, `${number(peakMib, 0)} MiB`, '']),
      ...proxies.map(({ slowestStartMs, stopMs }, index) => [
        `proxy ${index + 1}: slowest start, and the stop`,
        `${number(slowestStartMs / 1000, 1)} s`,
        `${number(stopMs / 1000, 1)} s`,
      ]),
      ['ledger.sqlite', bytes(sizes.ledger), perCall(sizesAtEnd.ledger)],
      ['ledger.sqlite, after the stop', bytes(sizesAtEnd.ledger), `${ledger.entries} entries`],
      ['ledger.sqlite-wal', bytes(sizes.log), `${bytes(largestLogBytes)} at most`],
      ['audit', bytes(sizesAtEnd.audit), `${perCall(sizesAtEnd.audit)}, ${audit.lines} lines in ${audit.files} files`],
      ['ledger.json', bytes(sizesAtEnd.summary), ''],
      ['other files', String(sizesAtEnd.others.length), sizesAtEnd.others.slice(0, 5).join(' ')],
      ['audit_repaired lines', String(audit.events.get('audit_repaired') ?? 0), ''],
      ['resolving at the end', `${number(results.resolveSeconds, 1)} s`, ''],
      ['calls', `${number(drive.seconds, 1)} s`, `${number(calls / drive.seconds, 1)} calls/s`],
      ['wall time', `${number(results.totalSeconds, 1)} s`, ''],
    ],
    'words',
  );
}

function complaintTable({ proxies }: SoakResults): string {
  const rows = proxies.flatMap(({ complaints }, index) => [...complaints].map(([words, count]) => ({ index, words, count })));
  if (rows.length === 0) return 'nothing';
  const shown = rows.toSorted((one, other) => other.count - one.count).slice(0, SHOWN_COMPLAINTS);
  return table(
    shown.map(({ index, words, count }) => [`proxy ${index + 1}`, `${count} x`, words.slice(0, 200)]),
    'words',
  );
}

function bytes(count: number): string {
  return count < 1024 * 1024 ? `${number(count / 1024, 1)} KiB` : `${number(count / 1024 / 1024, 2)} MiB`;
}
