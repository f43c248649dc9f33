import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { microUsd } from '../sandbox/evidence.js';
import type { World } from '../sandbox/world.js';
import { AuditBook } from './soak-audit.js';
import { readLedger, type LedgerBook } from './soak-ledger.js';

type Payments = ReadonlyMap<string, bigint>;

/** The same payments, told four times by those who know nothing of each other's books. */
export interface Books {
  readonly seller: Payments;
  readonly chain: Payments;
  readonly ledger: LedgerBook;
  readonly audit: AuditBook;
  /** What the wallet has less than at the start. */
  readonly leftWalletMicroUsd: bigint;
  /** Of `ledger.json`, over all days. */
  readonly summaryMicroUsd: bigint | undefined;
}

const SHOWN_DIFFERENCES = 10;

export async function readBooks({ chain, seller, wallet }: World, directory: string, fundedMicroUsd: bigint): Promise<Books> {
  const transfers = (await chain?.transfersFrom(wallet.address)) ?? [];
  const balance = (await chain?.balanceOf(wallet.address)) ?? fundedMicroUsd;
  return {
    seller: paymentsOf(seller.settlements),
    chain: paymentsOf(transfers),
    ledger: readLedger(join(directory, 'ledger.sqlite')),
    audit: await AuditBook.read(directory),
    leftWalletMicroUsd: fundedMicroUsd - balance,
    summaryMicroUsd: await readSummary(join(directory, 'ledger.json')),
  };
}

export function sumOf(payments: Payments): bigint {
  return [...payments.values()].reduce((sum, amount) => sum + amount, 0n);
}

/** Every way in which the books are not what they should be: empty when they agree to the micro-dollar. */
export function differencesOf(books: Books): string[] {
  const { seller, chain, ledger, audit, leftWalletMicroUsd } = books;
  const taken = sumOf(chain);
  const settled = ledger.states.get('settled')?.amountMicroUsd ?? 0n;
  const figures: readonly (readonly [string, bigint, bigint])[] = [
    ['the seller has settled', sumOf(seller), taken],
    ['the wallet has paid', leftWalletMicroUsd, taken],
    ['the ledger has spent on its days', ledger.days.spent, taken],
    ['the newest entries of the ledger are settled at', settled, taken],
    ['the last lines of the audit have booked', audit.bookedMicroUsd, taken],
    ['the ledger still holds', ledger.days.held + ledger.days.signed, 0n],
    ['the ledger still has unresolved', ledger.days.unresolved, 0n],
    ['open holds in the ledger:', ledger.openHolds, 0n],
  ];
  const wrong = figures.filter(([, value, expected]) => value !== expected);
  return [
    ...wrong.map(([name, value, expected]) => `${name} ${value}, not ${expected} (micro-USD that the chain has transferred, or none)`),
    ...payments('the seller', seller, chain),
    ...payments('the ledger', ledger.payments, chain),
    ...payments('the audit', audit.payments, chain),
    ...audit.faults.slice(0, SHOWN_DIFFERENCES).map((fault) => `audit: ${fault}`),
    ...headFaults(books),
    ...(books.summaryMicroUsd === taken ? [] : [`ledger.json says ${books.summaryMicroUsd}, not ${taken} micro-USD`]),
    ...ledger.stops.map((reason) => `spending was stopped: ${reason}`),
  ];
}

/** Equal sums could hide two errors: each payment has to be in each book, with its amount. */
function payments(name: string, book: Payments, chain: Payments): string[] {
  const wrong = [...new Set([...book.keys(), ...chain.keys()])].filter((nonce) => book.get(nonce) !== chain.get(nonce));
  const shown = wrong.slice(0, SHOWN_DIFFERENCES);
  const more = wrong.length > shown.length ? [`${name} and the chain differ in ${wrong.length} payments`] : [];
  const say = (amount: bigint | undefined) => (amount === undefined ? 'nothing' : `${amount} micro-USD`);
  return [...shown.map((nonce) => `${nonce}: ${name} has ${say(book.get(nonce))}, the chain ${say(chain.get(nonce))}`), ...more];
}

function headFaults({ audit, ledger: { auditHead } }: Books): string[] {
  return [
    ...(audit.lastHash === auditHead.hash ? [] : ['the last line of the audit is not the one that the ledger knows']),
    ...(BigInt(audit.lastFileBytes) === auditHead.bytes
      ? []
      : [`the audit has ${audit.lastFileBytes} bytes, the ledger knows ${auditHead.bytes}`]),
  ];
}

function paymentsOf(list: readonly { readonly nonce: string; readonly amountMicroUsd: bigint }[]): Payments {
  // A nonce twice would be money taken twice: it is kept apart, so that it is in no other book.
  const payments = new Map<string, bigint>();
  for (const { nonce, amountMicroUsd } of list) payments.set(payments.has(nonce) ? `${nonce} again` : nonce, amountMicroUsd);
  return payments;
}

async function readSummary(file: string): Promise<bigint | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const days = Object.values(JSON.parse(text) as Record<string, { spentUsd?: number }>);
  return days.reduce((sum, { spentUsd }) => sum + (microUsd(spentUsd) ?? 0n), 0n);
}
