import { SOLANA_USDC } from '../../money/usdc.js';
import { SolanaNode } from '../../solana/solana-node.js';
import type { Offer } from '../offer.js';
import type { SignedPayment, SignedTransaction, TransactionLifetime } from '../payer.js';
import { Blockhashes } from '../solana/blockhashes.js';
import { isSignedBy, readTransaction } from '../solana/wire-transaction.js';
import { refused } from './agent-cash-fault.js';
import { type AgentCashSetting, requireAgentCashWallet } from './agent-cash-wallet.js';
import type { Rail, SigningTerms } from './rail.js';
import { solanaWalletAddress } from './solana-wallet.js';

/** USDC on Solana, from AgentCash's own Solana wallet. */
export class SolanaRail implements Rail {
  readonly name = 'solana';
  /** AgentCash finds this wallet by its home directory, and the key of the other one is none of its business here. */
  readonly environment = {};
  private readonly blockhashes: Blockhashes;

  /** @throws CodedError payer_failed where AgentCash would not find the wallet */
  constructor(
    private readonly setting: AgentCashSetting,
    nodeUrl: URL,
  ) {
    requireAgentCashWallet(setting.walletFile, '; its solana-wallet.json is beside it');
    this.blockhashes = new Blockhashes(new SolanaNode(nodeUrl));
  }

  currentAddress(): string {
    return solanaWalletAddress(this.setting.agentCash.solanaWalletFile);
  }

  /** With a block of our choice, of which we know until when it is good; AgentCash takes it from the offer. */
  async terms(offer: Offer): Promise<SigningTerms> {
    if (offer.network !== SOLANA_USDC.network) throw refused('The offer is not on Solana, where this wallet pays');
    const lifetime = await this.blockhashes.next(offer);
    const { blockhash, lastValidBlockHeight } = lifetime;
    const recentBlockhash = { blockhash, lastValidBlockHeight: Number(lastValidBlockHeight) };
    return { extra: { feePayer: offer.feePayer, recentBlockhash }, read: (payload) => transactionIn(payload, lifetime) };
  }

  isSignedByWallet(signed: SignedPayment, address: string): Promise<boolean> {
    const wire = 'transaction' in signed ? readTransaction(signed.transaction) : undefined;
    return Promise.resolve(wire !== undefined && isSignedBy(address, wire));
  }
}

function transactionIn(payload: unknown, lifetime: TransactionLifetime): SignedTransaction | undefined {
  const { transaction } = (payload ?? {}) as { transaction?: unknown };
  return typeof transaction === 'string' ? { transaction, lifetime } : undefined;
}
