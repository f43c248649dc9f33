import { reasonOf } from '../errors/reason-of.js';
import { findAgentCash } from '../payment/agentcash/agent-cash-program.js';
import { type AgentCashSetting, AgentCashWallet } from '../payment/agentcash/agent-cash-wallet.js';
import { railOf } from '../payment/payer.module.js';
import { type Check, fail, ok } from './finding.js';

/** Where AgentCash signs: whether it is there, and would use the wallet of the settings. It is not run, for it holds a key when it is. */
export function agentCashCheck(setting: AgentCashSetting): Check {
  return {
    name: 'AgentCash',
    run: async () => {
      try {
        const { path } = findAgentCash(setting.agentCash);
        return ok(`${path}, signing for ${new AgentCashWallet(setting, await railOf(setting)).address}`);
      } catch (error) {
        return fail(reasonOf(error));
      }
    },
  };
}
