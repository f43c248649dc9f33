import {
  balancesOf,
  booksOf,
  budgetOf,
  lastProof,
  microUsd,
  outcomeIn,
  signedNonceIn,
  type AuditLine,
  type Balances,
  type Books,
  type Proof,
} from './evidence.js';
import { usd } from './block-run/pricing.js';
import type { ProxyProcess } from './proxy.process.js';
import { streamedCall } from './streamed-call.js';
import type { World } from './world.js';

export const MODEL = 'google/gemini-3-flash-preview';

type Print = (text: string) => void;

/** Makes one paid call through the proxy and holds everyone's account of it against the others. True if all agree to the micro-dollar. */
export async function demonstrate(world: World, proxy: ProxyProcess, print: Print): Promise<boolean> {
  const before = await balancesOf(world);
  print(`\nOne paid, streamed call to ${MODEL}:\n\n  `);
  const call = await streamedCall(proxy.url, MODEL, print);
  print(
    `\n\n  first token after ${Math.round(call.firstTokenMs)} ms, all after ${Math.round(call.durationMs)} ms, usage ${call.usage}\n\n`,
  );

  const proof = await lastProof(world);
  const after = await balancesOf(world);
  const day = (await budgetOf(proxy.url)).day;
  const books = await booksOf(proxy, day);
  const budget = await budgetOf(proxy.url);
  const line = (label: string, text: string) => print(`  ${label.padEnd(14)}${text}\n`);

  line('Price', `${call.bookedCostUsd} USD, as the answer's header says`);
  line(
    'Budget',
    `${budget.spentUsd} of ${budget.capUsd} USD spent on ${budget.day}, ${budget.heldUsd} held, ${budget.unresolvedUsd} unresolved`,
  );
  line(
    'Transaction',
    proof === undefined ? 'none' : `${proof.transaction}${world.chain === undefined ? ' (not real: nothing settled)' : ''}`,
  );
  if (proof !== undefined) line(world.chain === undefined ? 'Signed' : 'Paid', `${usd(proof.amountMicroUsd)} USDC to ${proof.to}`);
  line('ledger.json', books.ledgerText);
  for (const event of books.audit.slice(-4)) line('audit.jsonl', summary(event));
  if (before !== undefined && after !== undefined) printBalances(before, after, line);

  const booked = { header: microUsd(call.bookedCostUsd), budget: microUsd(budget.spentUsd) };
  return verdict(world, proof, comparisons({ ...booked, books, proof, moved: movement(before, after) }), print);
}

function summary({ event, amount, bookedCostUsd, state, nonce }: AuditLine): string {
  const cost = amount ?? bookedCostUsd;
  return [event, cost === undefined ? '' : `${cost} USD`, state ?? '', nonce === undefined ? '' : `nonce ${nonce}`]
    .filter(Boolean)
    .join(', ');
}

function printBalances(before: Balances, after: Balances, line: (label: string, text: string) => void): void {
  line('Wallet', `${usd(before.wallet)} -> ${usd(after.wallet)} USDC`);
  line('Treasury', `${usd(before.treasury)} -> ${usd(after.treasury)} USDC`);
}

/** How much left the wallet and how much came to the treasury; nothing where there is no chain to ask. */
function movement(before: Balances | undefined, after: Balances | undefined): readonly [string, bigint][] {
  if (before === undefined || after === undefined) return [];
  return [
    ['the wallet is poorer by', before.wallet - after.wallet],
    ['the treasury is richer by', after.treasury - before.treasury],
  ];
}

interface Accounts {
  readonly header: bigint | undefined;
  readonly budget: bigint | undefined;
  readonly books: Books;
  readonly proof: Proof | undefined;
  readonly moved: readonly [string, bigint][];
}

/** Every account that differs from the proof, in words; none if all agree. */
function comparisons({ header, budget, books, proof, moved }: Accounts): string[] {
  const paid = proof?.amountMicroUsd;
  const accounts: [string, bigint | undefined][] = [
    ["the answer's header says", header],
    ['the budget says', budget],
    ['ledger.json says', microUsd(books.ledgerSpentUsd)],
    ['the audit says', microUsd(outcomeIn(books.audit)?.bookedCostUsd)],
    ...moved,
  ];
  const wrong = accounts.filter(([, amount]) => paid === undefined || amount !== paid);
  const words = wrong.map(([who, amount]) => `${who} ${amount === undefined ? 'nothing' : usd(amount)}`);
  const nonce = signedNonceIn(books.audit);
  const isSameNonce = nonce !== undefined && nonce.toLowerCase() === proof?.nonce.toLowerCase();
  return isSameNonce ? words : [...words, `the audit signed the nonce ${nonce ?? '(none)'}, paid was ${proof?.nonce ?? '(none)'}`];
}

function verdict(world: World, proof: Proof | undefined, differences: readonly string[], print: Print): boolean {
  const witness = world.chain === undefined ? 'Signature (nothing is settled)' : 'Chain';
  if (proof !== undefined && differences.length === 0) {
    print(`\n${witness}, ledger and audit agree to the micro-dollar: ${usd(proof.amountMicroUsd)} USD.\n`);
    return true;
  }
  print(`\n${witness}, ledger and audit DO NOT AGREE. Paid: ${proof === undefined ? 'nothing' : usd(proof.amountMicroUsd)}, but\n`);
  for (const difference of differences) print(`  - ${difference}\n`);
  return false;
}
