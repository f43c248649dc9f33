import { Module } from '@nestjs/common';
import { Configuration } from '../configuration/configuration.js';
import { BASE_USDC, SOLANA_USDC } from '../money/usdc.js';
import { type Chain, Chains, type WalletBalances } from './chain.js';

@Module({
  providers: [{ provide: Chains, inject: [Configuration], useFactory: openChains }],
  exports: [Chains],
})
export class ChainModule {}

async function openChains({ rpcUrl, solanaRpcUrl }: Pick<Configuration, 'rpcUrl' | 'solanaRpcUrl'>): Promise<Chains> {
  const chains = new Map<string, Chain & WalletBalances>();
  // Each is loaded where it is used: what speaks to a node takes 10 to 20 MB.
  if (rpcUrl) {
    const { RpcChain } = await import('./rpc.chain.js');
    chains.set(BASE_USDC.network, new RpcChain(rpcUrl.reveal()));
  }
  if (solanaRpcUrl) {
    const { SolanaChain } = await import('./solana.chain.js');
    chains.set(SOLANA_USDC.network, new SolanaChain(solanaRpcUrl.reveal()));
  }
  return chains;
}
