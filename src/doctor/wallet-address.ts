import { privateKeyToAddress } from 'viem/accounts';
import type { Configuration } from '../configuration/configuration.js';
import { walletKey } from '../payment/wallet-key.js';

/** The wallet's address; the key is read for it, and not kept. @throws CodedError payer_failed with what to do */
export function walletAddress(configuration: Pick<Configuration, 'privateKey' | 'walletFile' | 'isWalletCredential'>): string {
  return privateKeyToAddress(walletKey(configuration));
}
