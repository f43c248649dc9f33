import { privateKeyToAddress } from 'viem/accounts';
import { isAgentCashWallet } from '../../configuration/agent-cash-settings.js';
import { Configuration } from '../../configuration/configuration.js';
import { CodedError } from '../../errors/coded-error.js';
import { walletKey } from '../wallet-key.js';

/** What AgentCash is run with. */
export type AgentCashSetting = Pick<Configuration, 'agentCash' | 'privateKey' | 'walletFile' | 'isWalletCredential'>;

/**
 * The wallet that AgentCash signs with, known by its address alone: the key is read to find it, and not kept. AgentCash makes a new, empty
 * wallet without a word where it finds none, so it is only started while this one is there.
 */
export class AgentCashWallet {
  readonly address: string;

  /** @throws CodedError payer_failed when there is no wallet that can be used */
  constructor(private readonly setting: AgentCashSetting) {
    const { walletFile, privateKey } = setting;
    if (privateKey === undefined && !isAgentCashWallet(walletFile)) {
      throw new CodedError(
        'payer_failed',
        `AgentCash cannot sign with the wallet ${walletFile}: it only looks for .agentcash/wallet.json in a home directory. Put the wallet ` +
          'there and name it with BLOCKRUN_WALLET_FILE, or set X402_PRIVATE_KEY or BLOCKRUN_PAYER=x402.',
      );
    }
    this.address = this.currentAddress();
  }

  /** @throws CodedError payer_failed when the wallet is gone, or another one than at the start of the proxy */
  verify(): void {
    const found = this.currentAddress();
    if (found === this.address) return;
    throw new CodedError(
      'payer_failed',
      `The wallet ${this.setting.walletFile} is now ${found}, and was ${this.address} when the proxy was started. Nothing was paid. ` +
        'Restart the proxy if this is right.',
    );
  }

  /** All that AgentCash gets of our environment. The key is only in it where it was given to us in the same way. */
  get environment(): Record<string, string> {
    const { agentCash, privateKey } = this.setting;
    return { ...agentCash.environment, HOME: agentCash.home, ...(privateKey && { X402_PRIVATE_KEY: privateKey.reveal() }) };
  }

  private currentAddress(): string {
    return privateKeyToAddress(walletKey(this.setting));
  }
}
