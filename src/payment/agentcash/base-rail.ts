import { privateKeyToAddress } from 'viem/accounts';
import { BASE_USDC } from '../../money/usdc.js';
import { recoverSigner } from '../authorization-digest.js';
import type { SignedPayment, SignedTransfer } from '../payer.js';
import { walletKey } from '../wallet-key.js';
import { type AgentCashSetting, requireAgentCashWallet } from './agent-cash-wallet.js';
import type { Rail, SigningTerms } from './rail.js';

const FIELDS = ['from', 'to', 'value', 'validAfter', 'validBefore', 'nonce'] as const;

/** USDC on Base, from the wallet of the settings. */
export class BaseRail implements Rail {
  readonly name = 'base';

  /** @throws CodedError payer_failed where AgentCash would not find the wallet */
  constructor(private readonly setting: AgentCashSetting) {
    const { walletFile, privateKey } = setting;
    if (privateKey === undefined) requireAgentCashWallet(walletFile, ', or set X402_PRIVATE_KEY or BLOCKRUN_PAYER=x402');
  }

  currentAddress(): string {
    return privateKeyToAddress(walletKey(this.setting));
  }

  /** The key is only in it where it was given to us in the same way. */
  get environment(): Record<string, string> {
    const { privateKey } = this.setting;
    return privateKey ? { X402_PRIVATE_KEY: privateKey.reveal() } : {};
  }

  terms(): Promise<SigningTerms> {
    return Promise.resolve({ extra: BASE_USDC.domain, read: readTransfer });
  }

  async isSignedByWallet(signed: SignedPayment, address: string): Promise<boolean> {
    return 'authorization' in signed && (await recoverSigner(signed)) === address;
  }
}

/** Only the fields of an EIP-3009 authorization are read: what else is there, such as a permit for another contract, is dropped. */
function readTransfer(payload: unknown): SignedTransfer | undefined {
  const { signature, authorization } = (payload ?? {}) as Partial<SignedTransfer>;
  if (typeof signature !== 'string' || !authorization || FIELDS.some((field) => typeof authorization[field] !== 'string')) return undefined;
  const { from, to, value, validAfter, validBefore, nonce } = authorization;
  return { signature, authorization: { from, to, value, validAfter, validBefore, nonce } };
}
