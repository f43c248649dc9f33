import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { SettleResponse } from '@x402/core/types';
import { closed, send, sendJson } from '../loopback-server.js';
import { completion, lengthOf, type Answer } from './answer.js';
import type { Fault } from './faults.js';
import type { Order } from './order.js';
import type { Pace } from './pace.js';
import type { Payment } from './payment.js';
import type { PaymentNetwork } from './payment-network.js';
import {
  ASK_REFUSALS,
  INTERNAL_ERROR,
  NOT_CHARGED,
  paymentInvalid,
  RATE_LIMITED,
  settlementFailed,
  STALE_BLOCKHASH,
  STEERING,
  type Refusal,
} from './refusals.js';
import { writeStream } from './stream.js';

/** One paid request on its way from a checked header to an answer. */
export interface Sale {
  readonly order: Order;
  readonly answer: Answer;
  readonly payment: Payment;
  readonly network: PaymentNetwork;
  readonly fault: Fault | undefined;
  readonly pace: Pace;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly verify: () => Promise<Refusal | undefined>;
  readonly settle: () => Promise<SettleResponse>;
}

const STREAM_HEADERS = { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' };
const FALLBACK_HEADERS = {
  'X-Fallback-Used': 'true',
  'X-Fallback-Model': 'nvidia/gpt-oss-120b',
  'X-Settlement-Skipped': 'free-fallback',
};
const EDGE_TIMEOUT_PAGE = '<!DOCTYPE html><html><head><title>524: A timeout occurred</title></head><body>error code: 524</body></html>';

/**
 * Verify, have the model answer, settle, hand over. A stream is handed over while it is made, and settled when it is over. Where the
 * network settles beside the model, settling begins with the model, and whatever the model does changes nothing about it.
 */
export async function sell(sale: Sale): Promise<void> {
  const refusal = await refusedPayment(sale);
  if (refusal !== undefined) return refuse(sale.response, refusal);
  if (sale.fault === 'paid-reset') return void sale.request.socket.resetAndDestroy();
  if (!sale.network.settlesBeside || isNeverSettled(sale)) return deliver(sale);

  const settled = sale.settle().catch((error: unknown) => failedSettlement(sale, error));
  const besides = { ...sale, settle: () => settled };
  await Promise.all([settled, deliver(besides)]);
}

/** What became of a settlement that broke off is no matter of the answer that is under way. */
function failedSettlement({ network, payment }: Sale, error: unknown): SettleResponse {
  const errorMessage = error instanceof Error ? error.message : String(error);
  return {
    success: false,
    errorReason: 'unexpected_settle_error',
    errorMessage,
    transaction: '',
    network: network.id,
    payer: payment.payer,
  };
}

async function deliver(sale: Sale): Promise<void> {
  const failure = modelFailure(sale.fault);
  if (failure !== undefined) return refuse(sale.response, failure);
  const isFallback = sale.fault === 'paid-free-fallback';
  if (sale.order.streamed && isStreamable(sale.fault)) {
    if (isNeverSettled(sale)) return stream(sale, isFallback ? FALLBACK_HEADERS : {});
    return stream(sale)
      .finally(sale.settle)
      .then(() => undefined);
  }
  await sale.pace.wholeAnswer(lengthOf(sale.answer));
  if (isFallback) return sendJson(sale.response, 200, completion(sale.answer), FALLBACK_HEADERS);
  if (sale.fault === 'paid-receipt-failed') return answerWithFailedReceipt(sale);
  if (sale.network.settlesBeside && !isAboutReceipt(sale.fault)) return handOver(sale, undefined);

  const receipt = await sale.settle();
  if (!receipt.success) return refuse(sale.response, settlementFailed(receipt.errorReason ?? 'unknown'));
  await handOver(sale, receipt);
}

/** Also how a free model answers: no payment, no settlement. */
export async function answerFree({
  response,
  order,
  answer,
  pace,
  fault,
}: Omit<Sale, 'payment' | 'network' | 'verify' | 'settle'>): Promise<void> {
  if (order.streamed && fault !== 'stream-as-json') {
    response.writeHead(200, STREAM_HEADERS);
    return writeStream(response, answer, pace, fault);
  }
  await pace.wholeAnswer(lengthOf(answer));
  sendJson(response, 200, completion(answer));
}

export function refuse(response: ServerResponse, { status, body, headers }: Refusal): void {
  sendJson(response, status, body, headers);
}

async function refusedPayment({ fault, payment: { payer, amountMicroUsd }, network, verify }: Sale): Promise<Refusal | undefined> {
  if (fault === 'paid-stale-blockhash') return STALE_BLOCKHASH;
  if (fault === 'paid-invalid')
    return paymentInvalid({ invalidReason: 'transaction_simulation_failed', invalidMessage: 'custom program error: 0x1', payer });
  if (fault !== 'paid-insufficient-funds') return verify();
  const invalidMessage = `insufficient balance: 251 < ${amountMicroUsd}`;
  return network.refusal({ invalidReason: 'insufficient_funds', invalidMessage, payer });
}

function modelFailure(fault: Fault | undefined): Refusal | undefined {
  if (fault === 'paid-403') return ASK_REFUSALS['error-403'];
  if (fault === 'paid-429') return RATE_LIMITED;
  if (fault === 'paid-500') return INTERNAL_ERROR;
  if (fault === 'paid-500-not-charged') return NOT_CHARGED;
  if (fault === 'paid-500-steering') return STEERING;
  if (fault === 'paid-settlement-failed') return settlementFailed('unable to estimate gas');
  return undefined;
}

/** Of the payments that verification took, those that are not taken whatever the model does. */
function isNeverSettled({ fault, network }: Sale): boolean {
  if (fault === 'paid-unsettled') return network.settlesBeside;
  const names: readonly (Fault | undefined)[] = ['paid-settlement-failed', 'paid-receipt-failed', 'paid-free-fallback'];
  return names.includes(fault);
}

/** The faults whose answer waits for its receipt, wherever it is paid. */
function isAboutReceipt(fault: Fault | undefined): boolean {
  return fault === 'paid-receipt' || fault === 'paid-old-receipt-name' || fault === 'paid-receipt-other-amount';
}

/** The faults that follow a settlement break whole answers; with them a request for a stream is answered as if it were for JSON. */
function isStreamable(fault: Fault | undefined): boolean {
  return STREAMED_PAID.includes(fault) || (fault !== 'stream-as-json' && fault?.startsWith('paid-') !== true);
}

const STREAMED_PAID: readonly (Fault | undefined)[] = [
  'paid-no-receipt',
  'paid-old-receipt-name',
  'paid-free-fallback',
  'paid-receipt',
  'paid-unsettled',
];

async function stream({ response, answer, pace, fault }: Sale, headers: OutgoingHttpHeaders = {}): Promise<void> {
  response.writeHead(200, { ...STREAM_HEADERS, ...headers });
  await writeStream(response, answer, pace, fault);
}

function answerWithFailedReceipt({ response, answer, payment }: Sale): void {
  const receipt = {
    success: false,
    errorReason: 'unable_to_estimate_gas',
    transaction: '',
    network: payment.offer.network,
    payer: payment.payer,
  };
  sendJson(response, 200, completion(answer), { 'PAYMENT-RESPONSE': base64(receipt) });
}

/** The payment is settled; what the caller gets for it depends on the fault. */
async function handOver(sale: Sale, receipt: SettleResponse | undefined): Promise<void> {
  const { fault, response, answer } = sale;
  const headers = receipt === undefined || fault === 'paid-no-receipt' ? {} : receiptHeaders(sale, receipt);
  const text = JSON.stringify(completion(answer));
  const spoil = fault === undefined ? undefined : SPOILED_ANSWERS[fault];
  if (fault === 'paid-replayed') refuse(response, sale.network.refusal(sale.network.reasons.used));
  else if (spoil !== undefined) await spoil(response, text, headers);
  else send(response, 200, text, { 'content-type': 'application/json', ...headers });
}

function receiptHeaders({ fault, payment }: Sale, receipt: SettleResponse): OutgoingHttpHeaders {
  const name = fault === 'paid-old-receipt-name' ? 'X-PAYMENT-RESPONSE' : 'PAYMENT-RESPONSE';
  const amount = fault === 'paid-receipt-other-amount' ? { amount: `${payment.amountMicroUsd}0` } : {};
  return { [name]: base64({ ...publicReceipt(receipt), ...amount }) };
}

type Spoil = (response: ServerResponse, text: string, headers: OutgoingHttpHeaders) => void | Promise<void>;

const SPOILED_ANSWERS: { readonly [Name in Fault]?: Spoil } = {
  'paid-524-settled': (response) =>
    send(response, 524, EDGE_TIMEOUT_PAGE, { 'content-type': 'text/html; charset=UTF-8', server: 'cloudflare' }),
  'paid-500-settled': (response) => refuse(response, INTERNAL_ERROR),
  'paid-lies-not-charged': (response) => refuse(response, NOT_CHARGED),
  'paid-hang': (response) => closed(response),
  'paid-drop-after-settle': (response) => void response.destroy(),
  'paid-truncated-body': truncate,
  'paid-error-in-200': (response, _, headers) =>
    sendJson(response, 200, { error: { message: 'service is temporarily overloaded' } }, headers),
  'paid-not-json': (response, _, headers) =>
    send(response, 200, '<html><body>It works!</body></html>', { 'content-type': 'text/html', ...headers }),
};

async function truncate(response: ServerResponse, text: string, headers: OutgoingHttpHeaders): Promise<void> {
  response.writeHead(200, { 'content-type': 'application/json', ...headers, 'content-length': Buffer.byteLength(text) });
  await new Promise<void>((resolve) => response.write(text.slice(0, text.length / 2), () => resolve()));
  response.destroy();
}

/** The receipt names no amount: what was paid the buyer knows from its own signature. */
function publicReceipt({ success, transaction, network, payer }: SettleResponse) {
  return { success, transaction, network, payer };
}

function base64(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64');
}
