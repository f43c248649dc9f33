import type { SignedAuthorization } from '../../money/authorization.js';
import { SOLANA_USDC } from '../../money/usdc.js';
import { usdcAccountOf } from '../../solana/token-account.js';
import { MAX_VALIDITY_SECONDS, type SolanaOffer } from '../offer.js';
import type { SignedTransaction } from '../payer.js';
import { refusedSignature } from '../refused-signature.js';
import { isSignedBy, nonceOf, readTransaction, type WireInstruction, type WireTransaction } from './wire-transaction.js';

interface Facts {
  offer: SolanaOffer;
  payer: string;
  now: Date;
}

const COMPUTE_BUDGET = 'ComputeBudget111111111111111111111111111111';
/** What the compute budget's instructions begin with, and how long they are: a limit of units, and a price for each. */
const COMPUTE_BUDGET_FORMS: readonly [tag: number, length: number][] = [
  [2, 5],
  [3, 9],
];
const MEMO = 'MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr';
/** Of the token program's instruction `TransferChecked`. */
const TRANSFER_CHECKED = 12;

/**
 * Decodes what was signed for an offer on Solana and compares it with the offer (x402, scheme `exact` on SVM), whoever signed it: two
 * signers, of whom the wallet is not the one that pays the fee, and one transfer of exactly the amount, beside which nothing is done that
 * moves anything. Returns it for the ledger, where the wallet's own signature, hashed, is its nonce: no other transaction has it.
 * @throws CodedError payer_failed, naming everything that differs: the signature must then not leave the process
 */
export async function checkTransaction({ transaction, lifetime }: SignedTransaction, facts: Facts): Promise<SignedAuthorization> {
  const wire = readTransaction(transaction);
  const faults = wire ? await faultsOf(wire, lifetime.blockhash, facts) : ['transaction'];
  const nonce = wire && nonceOf(facts.payer, wire);
  if (faults.length > 0 || nonce === undefined) throw refusedSignature(faults);
  const { offer, payer, now } = facts;
  return {
    network: offer.network,
    asset: offer.asset,
    payer,
    payee: offer.payee,
    amountMicroUsd: offer.amountMicroUsd,
    nonce,
    // Its blockhash is out of date after about a minute. By the clock alone that is only certain much later.
    validBefore: BigInt(Math.floor(now.getTime() / 1000) + MAX_VALIDITY_SECONDS),
    lastValidBlockHeight: lifetime.lastValidBlockHeight,
  };
}

async function faultsOf(wire: WireTransaction, blockhash: string, { offer, payer }: Facts): Promise<string[]> {
  const [transfer, ...others] = wire.instructions.filter(({ program }) => program === SOLANA_USDC.tokenProgram);
  const beside = wire.instructions.filter(({ program }) => program !== SOLANA_USDC.tokenProgram);
  const [source, mint, destination, authority] = transfer?.accounts ?? [];
  const holds = {
    'fee payer': wire.signers[0] === offer.feePayer,
    signers: wire.signers.length === 2 && wire.signers[1] === payer,
    blockhash: wire.blockhash === blockhash,
    signature: isSignedBy(payer, wire),
    instructions: isTransfer(transfer) && others.length === 0 && beside.every(isHarmless),
    amount: transfer !== undefined && amountOf(transfer) === offer.amountMicroUsd,
    source: source !== undefined && source === (await accountOf(payer)),
    mint: mint === SOLANA_USDC.asset,
    payee: destination !== undefined && destination === (await accountOf(offer.payee)),
    authority: authority === payer,
  };
  return Object.entries(holds).flatMap(([what, isRight]) => (isRight ? [] : [what]));
}

/** `TransferChecked`: its tag, the amount in 64 bits, and the decimals, which the program compares with the mint's. */
function isTransfer(instruction: WireInstruction | undefined): boolean {
  const { data, accounts } = instruction ?? {};
  return data?.length === 10 && data[0] === TRANSFER_CHECKED && data[9] === SOLANA_USDC.decimals && accounts?.length === 4;
}

function amountOf({ data }: WireInstruction): bigint {
  return data.length === 10 ? Buffer.from(data).readBigUInt64LE(1) : 0n;
}

/** How much computing the fee payer offers to pay for, or a text. */
function isHarmless({ program, accounts, data }: WireInstruction): boolean {
  if (accounts.length > 0) return false;
  if (program === MEMO) return true;
  return program === COMPUTE_BUDGET && COMPUTE_BUDGET_FORMS.some(([tag, length]) => data[0] === tag && data.length === length);
}

async function accountOf(owner: string): Promise<string | undefined> {
  try {
    return await usdcAccountOf(owner);
  } catch {
    return undefined; // a text that looks like an address and is none
  }
}
