import type { SignedAuthorization } from '../money/authorization.js';
import type { MicroUsd } from '../money/micro-usd.js';

/** What became of a signed authorization, as the chain tells it. */
export type AuthorizationUse =
  /** The money was taken. `transaction` where it could be found. */
  | { kind: 'used'; transaction: string | undefined }
  /** Nothing was taken and nothing can be; why, as the end of "the chain says that". */
  | { kind: 'void'; reason: string }
  /** Not used in any block up to the one that the chain dates so (epoch seconds). */
  | { kind: 'unused'; asOf: bigint }
  /** Not used, and the chain can still take it, whatever the clock says. */
  | { kind: 'open' };

/** USDC that left a wallet. */
export interface ChainTransfer {
  transaction: string;
  payee: string;
  amountMicroUsd: MicroUsd;
  /** Of the authorization by which it was taken; undefined for a transfer that the wallet sent by itself. */
  nonce: string | undefined;
  at: Date;
}

/** What one network can prove about payments. It is only read. Every method fails with CodedError chain_unavailable when it cannot tell. */
export interface Chain {
  /** The chain's word on the authorization, however long ago it was signed. */
  useOf(authorization: SignedAuthorization): Promise<AuthorizationUse>;

  /** What left the wallet from one instant (included) up to another, oldest first. */
  transfersFrom(wallet: string, between: { from: Date; to: Date }): Promise<ChainTransfer[]>;
}

/** What wallets hold. */
export interface WalletBalances {
  /** In USDC, as of the latest block. @throws CodedError chain_unavailable when the chain cannot tell */
  balanceOf(wallet: string): Promise<MicroUsd>;
}

/** Those that there is a node for, by the CAIP-2 name of their network. */
export type Chains<Asked = Chain & WalletBalances> = ReadonlyMap<string, Asked>;
export const Chains = Symbol('Chains');
