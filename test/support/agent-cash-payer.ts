import { type AgentCashLimits, AgentCashPayer } from '../../src/payment/agentcash/agent-cash.payer.js';
import type { AgentCashSetting } from '../../src/payment/agentcash/agent-cash-wallet.js';
import type { BaseOffer } from '../../src/payment/offer.js';
import type { SignedTransfer } from '../../src/payment/payer.js';
import { BaseRail } from '../../src/payment/agentcash/base-rail.js';

/** AgentCash as the payer on Base. */
export class AgentCashOnBase extends AgentCashPayer {
  constructor(setting: AgentCashSetting, limits: Partial<AgentCashLimits> = {}) {
    super(setting, new BaseRail(setting), limits);
  }

  override async authorize(offer: BaseOffer): Promise<SignedTransfer> {
    const signed = await super.authorize(offer);
    if ('transaction' in signed) throw new Error('that is a payment on Solana');
    return signed;
  }
}
