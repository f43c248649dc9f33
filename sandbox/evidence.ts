import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { ProxyProcess } from './proxy.process.js';
import type { World } from './world.js';

/** One payment as the outside world saw it: from the chain, or without a chain from the seller's own list. */
export interface Proof {
  readonly amountMicroUsd: bigint;
  readonly transaction: string;
  readonly nonce: string;
  readonly to: string;
}

export interface Balances {
  readonly wallet: bigint;
  readonly treasury: bigint;
}

export interface DaysBudget {
  readonly day: string;
  readonly capUsd: string;
  readonly spentUsd: string;
  readonly heldUsd: string;
  readonly unresolvedUsd: string;
  readonly remainingUsd: string;
  readonly calls: number;
}

export interface AuditLine {
  readonly event: string;
  readonly nonce?: string;
  readonly amount?: string;
  readonly bookedCostUsd?: number | string;
  readonly state?: string;
}

/** What the proxy has on disk. */
export interface Books {
  readonly ledgerText: string;
  /** Today's spending in ledger.json; NaN while there is none. */
  readonly ledgerSpentUsd: number;
  readonly audit: readonly AuditLine[];
}

const BOOKS_TIMEOUT_MS = 5_000;
const BOOKS_POLL_MS = 50;

export async function balancesOf({ chain, wallet, treasury }: World): Promise<Balances | undefined> {
  if (chain === undefined) return undefined;
  const [paid, earned] = await Promise.all([chain.balanceOf(wallet.address), chain.balanceOf(treasury)]);
  return { wallet: paid, treasury: earned };
}

export async function lastProof({ chain, wallet, seller, treasury }: World): Promise<Proof | undefined> {
  await seller.idle();
  if (chain !== undefined) return (await chain.transfersFrom(wallet.address)).at(-1);
  const last = seller.settlements.at(-1);
  return last === undefined ? undefined : { ...last, to: treasury };
}

export async function budgetOf(proxyUrl: string): Promise<DaysBudget> {
  const answer = await fetch(`${proxyUrl}/v1/budget`, { signal: AbortSignal.timeout(5_000) });
  if (!answer.ok) throw new Error(`GET /v1/budget answered ${answer.status}: ${await answer.text()}`);
  return (await answer.json()) as DaysBudget;
}

/** The proxy writes its books after the last byte of the answer, so they are read until the call is in them, or for five seconds. */
export async function booksOf(proxy: ProxyProcess, day: string): Promise<Books> {
  const deadline = Date.now() + BOOKS_TIMEOUT_MS;
  for (;;) {
    const books = await readBooks(proxy, day);
    const isBooked = books.ledgerSpentUsd > 0 && outcomeIn(books.audit) !== undefined;
    if (isBooked || Date.now() > deadline) return books;
    await delay(BOOKS_POLL_MS);
  }
}

/** The line that says how the last call ended. */
export function outcomeIn(audit: readonly AuditLine[]): AuditLine | undefined {
  return audit.filter(({ event }) => event === 'chat_completion').at(-1);
}

/** The nonce that was written down before the signature left. */
export function signedNonceIn(audit: readonly AuditLine[]): string | undefined {
  return audit.filter(({ event }) => event === 'payment_signed').at(-1)?.nonce;
}

/** Both "0.002308" and 0.002308 are 2308; anything else is nothing. */
export function microUsd(usd: string | number | undefined): bigint | undefined {
  const value = typeof usd === 'string' && usd.trim() === '' ? NaN : Number(usd);
  return Number.isFinite(value) ? BigInt(Math.round(value * 1e6)) : undefined;
}

async function readBooks({ ledgerFile, auditFile }: ProxyProcess, day: string): Promise<Books> {
  const ledgerText = (await readFile(ledgerFile, 'utf8').catch(() => '')).trim();
  const auditText = await readFile(auditFile, 'utf8').catch(() => '');
  const days = (ledgerText === '' ? {} : JSON.parse(ledgerText)) as Record<string, { spentUsd?: number } | undefined>;
  // The last line may be half written while it is read; what ends with a newline is whole.
  const lines = auditText.split('\n').slice(0, -1);
  const audit = lines.filter((line) => line !== '').map((line) => JSON.parse(line) as AuditLine);
  return { ledgerText: JSON.stringify(days), ledgerSpentUsd: days[day]?.spentUsd ?? NaN, audit };
}
