import { CodedError } from '../../src/errors/coded-error.js';
import type { SignedAuthorization } from '../../src/money/authorization.js';
import type { AuthorizationUse, Chain, Chains, ChainTransfer } from '../../src/reconciliation/chain.js';

/** A chain that says what a test has it say; of what nobody told it, it cannot tell. */
export class FakeChain implements Chain {
  readonly uses = new Map<string, AuthorizationUse>();
  readonly transfers = new Map<string, ChainTransfer[]>();
  /** Every question for transfers. */
  readonly asked: { wallet: string; from: Date; to: Date }[] = [];

  useOf({ nonce }: SignedAuthorization): Promise<AuthorizationUse> {
    return answer(this.uses.get(nonce));
  }

  transfersFrom(wallet: string, { from, to }: { from: Date; to: Date }): Promise<ChainTransfer[]> {
    this.asked.push({ wallet, from, to });
    return answer(this.transfers.get(wallet));
  }
}

/** The one chain of payments on Base, or none. */
export function chainsOf(chain: Chain | undefined): Chains<Chain> {
  return new Map(chain ? [['eip155:8453', chain]] : []);
}

function answer<T>(told: T | undefined): Promise<T> {
  return told === undefined ? Promise.reject(new CodedError('chain_unavailable', 'The node is away.')) : Promise.resolve(told);
}
