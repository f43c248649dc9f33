import { Module, type OnApplicationShutdown } from '@nestjs/common';
import { Configuration } from '../configuration/configuration.js';
import { CodedError } from '../errors/coded-error.js';
import type { AgentCashSetting } from './agentcash/agent-cash-wallet.js';
import type { Rail } from './agentcash/rail.js';
import { Payer } from './payer.js';
import { walletKey } from './wallet-key.js';
import { X402Payer } from './x402.payer.js';

/** In a dry run there is no wallet, and nothing may ask for a signature. */
const noPayer: Payer = {
  address: '0x0000000000000000000000000000000000000000',
  authorize: () => Promise.reject(new CodedError('payer_failed', 'A dry run signs nothing.')),
};

@Module({
  providers: [{ provide: Payer, inject: [Configuration], useFactory: payerFor }],
  exports: [Payer],
})
export class PayerModule {}

async function payerFor(configuration: Configuration): Promise<Payer> {
  if (configuration.dryRun) return noPayer;
  switch (configuration.payer) {
    case 'x402':
      return signerOf(configuration);
    case 'agentcash':
      return openAgentCash(configuration);
    default:
      return configuration.payer satisfies never;
  }
}

/** The one place that has the key from then on. */
function signerOf(configuration: Configuration): Payer {
  const payer = new X402Payer(walletKey(configuration));
  configuration.privateKey?.forget();
  return payer;
}

/** AgentCash as the payer, whatever the settings say; whoever opens it shuts it down. @throws CodedError payer_failed */
export async function openAgentCash(setting: AgentCashSetting): Promise<Payer & OnApplicationShutdown> {
  // Loaded where it is used: an MCP client is some megabytes that a proxy which signs by itself does not need.
  const { AgentCashPayer } = await import('./agentcash/agent-cash.payer.js');
  return new AgentCashPayer(setting, await railOf(setting));
}

/** Each of the two is loaded where it is used: what decodes Solana's transactions takes some 20 MB. */
export async function railOf(setting: AgentCashSetting): Promise<Rail> {
  const { paymentNetwork, solanaRpcUrl } = setting;
  if (paymentNetwork === 'solana' && solanaRpcUrl) {
    const { SolanaRail } = await import('./agentcash/solana-rail.js');
    return new SolanaRail(setting, solanaRpcUrl.reveal());
  }
  const { BaseRail } = await import('./agentcash/base-rail.js');
  return new BaseRail(setting);
}
