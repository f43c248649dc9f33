import { CodedError } from '../../errors/coded-error.js';
import { displayUsd, parseUsd } from '../../money/micro-usd.js';
import { SOLANA_USDC, usdcOn } from '../../money/usdc.js';
import type { Offer } from '../offer.js';
import type { AgentCashFailure, AgentCashOutcome } from './agent-cash-output.js';
import { fitToShow } from './agent-cash-words.js';

export const BALANCE_SERVICE = 'https://agentcash.dev/api/balance';

/** What is known of a call that has ended without a signature. */
export interface Unsigned {
  offer: Offer;
  address: string;
  /** Whether AgentCash has asked our endpoint for the price. */
  isAsked: boolean;
}

/** AgentCash has given an answer, and no signature came. */
export function faultFrom(outcome: AgentCashOutcome, unsigned: Unsigned): CodedError {
  const failure = 'failure' in outcome ? outcome.failure : undefined;
  if (!failure) return refused('AgentCash signed nothing, and does not say why');
  if (failure.cause === 'insufficient_balance') return underfunded(failure, unsigned);
  if (isOfBalanceService(failure, unsigned)) {
    const says = `${failure.cause}: ${fitToShow(failure.message)}`;
    return unavailable(`AgentCash asks ${BALANCE_SERVICE} for the balance before it signs, and that failed (${says})`);
  }
  if (isOfSolanaNode(failure, unsigned)) {
    return unavailable(
      `AgentCash asks Solana's public node about the token before it signs, and that failed (${fitToShow(failure.message)})`,
    );
  }
  return refused(`AgentCash refused to sign (${failure.cause}: ${fitToShow(failure.message)})`);
}

/** For now: the same may work in a moment. */
export function unavailable(what: string, details: { retryAfterSeconds?: number | undefined; cause?: unknown } = {}): CodedError {
  return new CodedError('payer_unavailable', `${what}. Nothing was signed and nothing was paid; trying again is safe.`, details);
}

/** Until somebody has done something about it. */
export function refused(what: string, cause?: unknown): CodedError {
  return new CodedError('payer_failed', `${what}. Nothing was paid.`, { cause });
}

/** In the words that clients show to their user as they are, and do not repeat the request for. */
function underfunded({ message }: AgentCashFailure, { offer, address }: Unsigned): CodedError {
  const { networkName } = usdcOn(offer.network);
  const balance = parseUsd(/balance is (\d+(?:\.\d{1,6})?)/.exec(message)?.[1] ?? '');
  const holds = balance === undefined ? 'does not hold enough' : `holds ${displayUsd(balance)}`;
  return new CodedError(
    'wallet_underfunded',
    `Wallet ${address} ${holds} USDC on ${networkName}, says AgentCash, but this request costs ${displayUsd(offer.amountMicroUsd)}, ` +
      `so it exceeds your current quota. Nothing was paid. Add USDC on ${networkName} to it.`,
  );
}

/** There it makes the transaction with what that node says of the token. */
function isOfSolanaNode({ cause }: AgentCashFailure, { offer }: Unsigned): boolean {
  return offer.network === SOLANA_USDC.network && cause === 'create_payment_payload';
}

/** Once it has been told the price, the balance is all that it asks anybody for before it signs. */
function isOfBalanceService({ cause }: AgentCashFailure, { isAsked }: Unsigned): boolean {
  return isAsked && ['network', 'http', 'timeout', 'invalid_data', 'parse'].includes(cause);
}
