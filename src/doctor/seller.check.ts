import { displayUsd } from '../money/micro-usd.js';
import type { Challenge } from '../payment/offer.js';
import { type Check, fail, type Finding, ok, warn } from './finding.js';
import { type QuoteLimits, verdictOn } from './quote-verdict.js';
import type { Probe, SellerProbe } from './seller-probe.js';

/** Whether the seller can be reached, and quotes a price that would be paid, whoever it is paid to. */
export function sellerCheck(probe: SellerProbe, limits: QuoteLimits): Check {
  return {
    name: 'seller',
    run: async () => {
      const probed = await probe.ask();
      return probed ? judged(probed, limits) : ok('not asked');
    },
  };
}

function judged(probe: Probe, limits: QuoteLimits): Finding {
  const { model, answer } = probe;
  const { host } = limits.chatUrl;
  switch (answer.kind) {
    case 'payment-required':
      return quote({ challenge: answer.challenge, probe }, limits);
    case 'completion':
    case 'stream':
      return ok(`${host} answers ${model} for nothing`);
    case 'rejection':
      return refused(`${host} answers ${answer.rejection.status} to ${model}: ${answer.rejection.message}`, answer.rejection.status);
    case 'no-answer':
      return fail(`${host} cannot be reached: ${answer.reason}`, 'check the network, and BLOCKRUN_CHAT_URL');
    case 'unreadable':
      return fail(answer.reason, 'check BLOCKRUN_CHAT_URL');
    default:
      return answer satisfies never;
  }
}

function quote(quoted: { challenge: Challenge; probe: Probe }, limits: QuoteLimits): Finding {
  const { chatUrl, maxPerRequestMicroUsd: most } = limits;
  const verdict = verdictOn(quoted, limits, undefined);
  if (verdict.kind === 'refused') return fail(verdict.message, 'check BLOCKRUN_CHAT_URL');
  const price = verdict.kind === 'chosen' ? verdict.offer.amountMicroUsd : verdict.priceMicroUsd;
  const says = `${chatUrl.host} asks ${displayUsd(price)} for a tiny request to ${quoted.probe.model}`;
  if (verdict.kind === 'chosen') return ok(says);
  return fail(`${says}, more than one may cost (${displayUsd(most)})`, 'set BLOCKRUN_MAX_USD_PER_REQUEST above it');
}

/** It is there, and busy, or does not know what was asked of it. */
function refused(says: string, status: number): Finding {
  if (status === 429 || status >= 500) return warn(says, 'try again later');
  return fail(says, 'check BLOCKRUN_CHAT_URL and BLOCKRUN_MODELS');
}
