import type { SignedAuthorization } from '../money/authorization.js';
import type { MicroUsd } from '../money/micro-usd.js';
import { SOLANA_USDC } from '../money/usdc.js';
import { MAX_VALIDITY_SECONDS } from '../payment/offer.js';
import { nonceOf, readTransaction } from '../payment/solana/wire-transaction.js';
import { AccountHistory, type PastTransaction } from '../solana/account-history.js';
import { SolanaNode } from '../solana/solana-node.js';
import { usdcAccountOf } from '../solana/token-account.js';
import type { AuthorizationUse, Chain, ChainTransfer, WalletBalances } from './chain.js';

/** A signer's clock and the chain's may differ by as much. */
const CLOCK_TOLERANCE_SECONDS = 600n;
/** So many blocks after the last that could have taken a payment it counts as impossible: about a minute, for nodes that lag behind. */
const MARGIN_BLOCKS = 150n;

/** Where a token account has its amount, behind the addresses of its mint and its owner. */
const AMOUNT_OFFSET = 64;

/**
 * USDC on Solana through a JSON-RPC node. A payment is known by the hash of the wallet's own signature in its transaction, since the transaction's id is made
 * by its fee payer. Only final blocks count, and a payment that is in none of them is over when the last block that could have taken
 * it is final.
 */
export class SolanaChain implements Chain, WalletBalances {
  private readonly node: SolanaNode;
  private readonly history: AccountHistory;

  constructor(url: URL) {
    this.node = new SolanaNode(url);
    this.history = new AccountHistory(this.node);
  }

  async useOf({ payer, nonce, validBefore, lastValidBlockHeight }: SignedAuthorization): Promise<AuthorizationUse> {
    // The height first: whatever was made up to it is in the history that is read after it.
    const final = await this.history.lastFinal();
    const signedAt = validBefore - BigInt(MAX_VALIDITY_SECONDS);
    for await (const past of this.history.since(await usdcAccountOf(payer), signedAt - CLOCK_TOLERANCE_SECONDS, final)) {
      if (nonceIn(past, payer) !== nonce) continue;
      if (past.isFailed) return { kind: 'void', reason: `its transaction failed and took nothing (${past.id})` };
      return { kind: 'used', transaction: past.id };
    }
    if (lastValidBlockHeight === undefined || final.height <= lastValidBlockHeight + MARGIN_BLOCKS) return { kind: 'open' };
    return {
      kind: 'void',
      reason: `its transaction is in no block, and block ${lastValidBlockHeight} was the last that could have taken it`,
    };
  }

  async transfersFrom(wallet: string, { from, to }: { from: Date; to: Date }): Promise<ChainTransfer[]> {
    const transfers: ChainTransfer[] = [];
    const seconds = BigInt(Math.floor(from.getTime() / 1000));
    for await (const past of this.history.since(await usdcAccountOf(wallet), seconds, await this.history.lastFinal())) {
      const at = new Date(Number(past.at) * 1000);
      const transfer = past.isFailed || at >= to ? undefined : transferIn(past, wallet);
      if (transfer) transfers.push({ ...transfer, at });
    }
    return transfers.reverse();
  }

  async balanceOf(wallet: string): Promise<MicroUsd> {
    const account = await usdcAccountOf(wallet);
    const { value } = await this.node.ask((rpc, within) =>
      rpc.getAccountInfo(account, { commitment: 'confirmed', encoding: 'base64' }).send(within),
    );
    return value === null ? 0n : Buffer.from(value.data[0], 'base64').readBigUInt64LE(AMOUNT_OFFSET);
  }
}

function nonceIn({ wire }: PastTransaction, wallet: string): string | undefined {
  const transaction = readTransaction(wire);
  return transaction && nonceOf(wallet, transaction);
}

/** What left the wallet by it, to whom most of it went; undefined where nothing left. */
function transferIn(past: PastTransaction, wallet: string): Omit<ChainTransfer, 'at'> | undefined {
  const moves = past.balances
    .filter(({ mint }) => mint === SOLANA_USDC.asset)
    .map(({ owner, before, after }) => ({ owner, gain: after - before }));
  const lost = -moves.filter(({ owner }) => owner === wallet).reduce((sum, { gain }) => sum + gain, 0n);
  if (lost <= 0n) return undefined;
  const [receiver] = moves.toSorted((one, other) => (one.gain > other.gain ? -1 : 1));
  return { transaction: past.id, payee: receiver?.owner ?? 'unknown', amountMicroUsd: lost, nonce: nonceIn(past, wallet) };
}
