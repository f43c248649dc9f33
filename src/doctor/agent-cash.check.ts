import type { Configuration } from '../configuration/configuration.js';
import { findAgentCash } from '../payment/agentcash/agent-cash-program.js';
import { AgentCashWallet } from '../payment/agentcash/agent-cash-wallet.js';
import { type Check, fail, ok } from './finding.js';
import { reasonOf } from '../errors/reason-of.js';

/** Where AgentCash signs: whether it is there, and would use the wallet of the settings. It is not run, for it holds a key when it is. */
export function agentCashCheck(
  configuration: Pick<Configuration, 'agentCash' | 'privateKey' | 'walletFile' | 'isWalletCredential'>,
): Check {
  return {
    name: 'AgentCash',
    run: () => {
      try {
        const { path } = findAgentCash(configuration.agentCash);
        return ok(`${path}, signing for ${new AgentCashWallet(configuration).address}`);
      } catch (error) {
        return fail(reasonOf(error));
      }
    },
  };
}
