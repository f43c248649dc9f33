import { privateKeyToAddress } from 'viem/accounts';
import type { Configuration } from '../configuration/configuration.js';
import { walletKey } from '../payment/wallet-key.js';

export type WalletSettings = Pick<Configuration, 'privateKey' | 'walletFile' | 'isWalletCredential' | 'paymentNetwork' | 'agentCash'>;

/** The address of the wallet that pays; its key is read for it, and not kept. @throws CodedError payer_failed with what to do */
export async function walletAddress(settings: WalletSettings): Promise<string> {
  if (settings.paymentNetwork === 'base') return privateKeyToAddress(walletKey(settings));
  const { solanaWalletAddress } = await import('../payment/agentcash/solana-wallet.js');
  return solanaWalletAddress(settings.agentCash.solanaWalletFile);
}

/** Where it is. */
export function walletPlace({ privateKey, walletFile, paymentNetwork, agentCash }: WalletSettings): string {
  if (paymentNetwork === 'solana') return agentCash.solanaWalletFile;
  return privateKey ? 'X402_PRIVATE_KEY' : walletFile;
}
