import { readSaidPrice, type SaidPrice } from './said-price.js';

/** What AgentCash's output proves about the money of one fetch. An exact cost is never among it: see `SaidPrice`. */
export type AgentCashOutcome =
  /** A receipt says that the payment was settled, in this transaction. How much it was is only known as a range. */
  | { kind: 'paid'; transaction: string; said: SaidPrice | undefined }
  /** It says of itself that it got no further than before a payment, or that none was asked for. */
  | { kind: 'not-paid'; failure: AgentCashFailure | undefined }
  /** A payment may have left: no receipt, a failed one, an error that is the same before and after a payment, or no whole output. */
  | { kind: 'unknown'; failure: AgentCashFailure | undefined; said: SaidPrice | undefined };

/** An error in AgentCash's own words. */
export interface AgentCashFailure {
  /** Such as `insufficient_balance`, `network`, `timeout`. */
  cause: string;
  message: string;
}

/** Errors that come before anything is signed, in the one protocol that was asked for. */
const BEFORE_PAYMENT = new Set(['amount_exceeds_max_amount', 'insufficient_balance', 'parse_payment_required', 'create_payment_payload']);

/**
 * Reads what `agentcash fetch --format json` wrote. `onlyX402`: it was called with `-p x402`. Without it an error may be that of a second
 * protocol, which was tried after a payment in the first.
 */
export function readCliOutput(stdout: string, { onlyX402 }: { onlyX402: boolean }): AgentCashOutcome {
  const envelope = objectFrom(stdout);
  if (envelope?.success === true && 'data' in envelope) return outcomeOf(envelope.metadata);
  const error = envelope?.success === false ? objectOf(envelope.error) : undefined;
  if (!error) return { kind: 'unknown', failure: undefined, said: undefined };
  const failure = failureFrom(error);
  const isBefore = isBeforePayment(error, onlyX402) || failure.cause === 'validation' || error.surface === 'wallet';
  return isBefore ? { kind: 'not-paid', failure } : { kind: 'unknown', failure, said: undefined };
}

/**
 * Reads the result of the tool `fetch` of `agentcash server`, called with the protocol x402: an error is one text of JSON with cause and
 * surface, a success is the seller's answer and, where something was signed, a second text about the payment. Errors are not marked
 * as such, so a seller that writes like AgentCash is taken for it: only what the endpoint has caught says whether it has signed.
 */
export function readToolResult(result: object): AgentCashOutcome {
  const content = 'content' in result && Array.isArray(result.content) ? result.content : [];
  const texts = content.map((part: unknown) => textOf(part));
  const [first, second] = texts.map((text) => objectFrom(text));
  if (texts.length === 0) return { kind: 'unknown', failure: undefined, said: undefined };
  if ('isError' in result && result.isError)
    return { kind: 'unknown', failure: failureFrom({ cause: 'tool_error', message: texts[0] }), said: undefined };
  if (second && 'protocol' in second) return outcomeOf(second);
  if (typeof first?.cause !== 'string' || !('surface' in first || first.cause === 'unhandled_exception')) return outcomeOf(undefined);
  const failure = failureFrom(first);
  return isBeforePayment(first, true) ? { kind: 'not-paid', failure } : { kind: 'unknown', failure, said: undefined };
}

/** A success: without a word on a payment none was asked for. */
function outcomeOf(metadata: unknown): AgentCashOutcome {
  if (metadata === undefined || metadata === null) return { kind: 'not-paid', failure: undefined };
  const { price, payment } = objectOf(metadata) ?? {};
  const { success, transactionHash } = objectOf(payment) ?? {};
  const said = readSaidPrice(price);
  const isTransaction = typeof transactionHash === 'string' && /^(0x[0-9a-fA-F]{64}|[1-9A-HJ-NP-Za-km-z]{64,88})$/.test(transactionHash);
  return success === true && isTransaction
    ? { kind: 'paid', transaction: transactionHash, said }
    : { kind: 'unknown', failure: undefined, said };
}

function isBeforePayment({ cause }: Record<string, unknown>, onlyX402: boolean): boolean {
  return onlyX402 && typeof cause === 'string' && BEFORE_PAYMENT.has(cause);
}

function failureFrom({ cause, code, message, error }: Record<string, unknown>): AgentCashFailure {
  const word = [cause, code].find((name) => typeof name === 'string') ?? 'unknown';
  const says = [message, error].find((text) => typeof text === 'string') ?? 'no words';
  return { cause: word, message: says };
}

function textOf(part: unknown): string {
  const { text } = objectOf(part) ?? {};
  return typeof text === 'string' ? text : '';
}

function objectFrom(text: string): Record<string, unknown> | undefined {
  try {
    return objectOf(JSON.parse(text));
  } catch {
    return undefined; // cut off, empty, or no JSON at all
  }
}

function objectOf(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
}
