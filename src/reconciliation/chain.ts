import type { SignedAuthorization } from '../money/authorization.js';
import type { MicroUsd } from '../money/micro-usd.js';

/** What became of a signed authorization, as the token contract tells it. */
export type AuthorizationUse =
  /** The money was taken. `transaction` where it could be found. */
  | { kind: 'used'; transaction: string | undefined }
  /** The wallet itself has made it worthless; nothing was taken and nothing can be. */
  | { kind: 'canceled'; transaction: string }
  /** Not used in any block up to the one that the chain dates so (epoch seconds). */
  | { kind: 'unused'; asOf: bigint };

/** USDC that left a wallet. */
export interface ChainTransfer {
  transaction: string;
  payee: string;
  amountMicroUsd: MicroUsd;
  /** Of the authorization by which it was taken; undefined for a transfer that the wallet sent by itself. */
  nonce: string | undefined;
  at: Date;
}

/** What the chain can prove about payments. It is only read. Every method fails with CodedError chain_unavailable when it cannot tell. */
export interface Chain {
  /** The contract's word on the authorization, however long ago it was signed. */
  useOf(authorization: SignedAuthorization): Promise<AuthorizationUse>;

  /** What left the wallet from one instant (included) up to another, oldest first. */
  transfersFrom(wallet: string, between: { from: Date; to: Date }): Promise<ChainTransfer[]>;
}
export const Chain = Symbol('Chain');

/** What wallets hold. */
export interface WalletBalances {
  /** In USDC on Base, as of the latest block. @throws CodedError chain_unavailable when the chain cannot tell */
  balanceOf(wallet: string): Promise<MicroUsd>;
}
