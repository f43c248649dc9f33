import { isAgentCashWallet } from '../../configuration/agent-cash-settings.js';
import { Configuration } from '../../configuration/configuration.js';
import { CodedError } from '../../errors/coded-error.js';
import { USDC } from '../../money/usdc.js';
import type { Rail } from './rail.js';

/** What AgentCash is run with. */
export type AgentCashSetting = Pick<
  Configuration,
  'agentCash' | 'privateKey' | 'walletFile' | 'isWalletCredential' | 'paymentNetwork' | 'solanaRpcUrl'
>;

/** @throws CodedError payer_failed where AgentCash would look for the wallet in another place than the settings say */
export function requireAgentCashWallet(walletFile: string, otherwise: string): void {
  if (isAgentCashWallet(walletFile)) return;
  throw new CodedError(
    'payer_failed',
    `AgentCash cannot sign with the wallet ${walletFile}: it only looks for .agentcash/wallet.json in a home directory. Put the wallet ` +
      `there and name it with BLOCKRUN_WALLET_FILE${otherwise}.`,
  );
}

/**
 * The wallet that AgentCash signs with, known by its address alone: the key is read to find it, and not kept. AgentCash makes a new, empty
 * wallet without a word where it finds none, so it is only started while this one is there.
 */
export class AgentCashWallet {
  readonly address: string;

  /** @throws CodedError payer_failed when there is no wallet that can be used */
  constructor(
    private readonly setting: Pick<AgentCashSetting, 'agentCash'>,
    private readonly rail: Rail,
  ) {
    this.address = rail.currentAddress();
  }

  /** @throws CodedError payer_failed when the wallet is gone, or another one than at the start of the proxy */
  verify(): void {
    const found = this.rail.currentAddress();
    if (found === this.address) return;
    throw new CodedError(
      'payer_failed',
      `The wallet on ${USDC[this.rail.name].networkName} is now ${found}, and was ${this.address} when the proxy was started. Nothing was paid. ` +
        'Restart the proxy if this is right.',
    );
  }

  /** All that AgentCash gets of our environment. */
  get environment(): Record<string, string> {
    const { environment, home } = this.setting.agentCash;
    return { ...environment, HOME: home, ...this.rail.environment };
  }
}
