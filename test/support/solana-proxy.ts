import type { TestingModuleBuilder } from '@nestjs/testing';
import type { SolanaWorld } from '../../sandbox/world.js';
import { ProxyUnderTest } from '../e2e/proxy.js';
import { AgentCashHome, FAKE_AGENT_CASH } from './agent-cash-home.js';

/** What a proxy needs to pay in a world on Solana, with the wallet of the home directory. */
export function solanaEnvironment(world: SolanaWorld, home: AgentCashHome, program = FAKE_AGENT_CASH): Record<string, string> {
  return {
    BLOCKRUN_PAYMENT_NETWORK: 'solana',
    BLOCKRUN_SOLANA_RPC_URL: world.solana.rpcUrl,
    BLOCKRUN_PAYER: 'agentcash',
    BLOCKRUN_AGENTCASH: program,
    BLOCKRUN_WALLET_FILE: home.walletFile,
    X402_PRIVATE_KEY: '',
  };
}

/** A proxy that pays on Solana, where a stand-in for AgentCash signs as it is told. */
export class SolanaProxy {
  private constructor(
    readonly home: AgentCashHome,
    readonly proxy: ProxyUnderTest,
  ) {}

  static async start(
    world: SolanaWorld,
    options: { environment?: Record<string, string>; override?: (builder: TestingModuleBuilder) => TestingModuleBuilder } = {},
  ): Promise<SolanaProxy> {
    const home = new AgentCashHome();
    home.putSolanaWallet(world.wallet.solana.privateKey);
    const environment = { ...solanaEnvironment(world, home), ...options.environment };
    return new SolanaProxy(home, await ProxyUnderTest.start({ world, ...options, environment }));
  }

  async remove(): Promise<void> {
    await this.proxy.remove();
    this.home.remove();
  }
}
