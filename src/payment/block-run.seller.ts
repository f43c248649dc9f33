import { Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { type Dispatcher, Pool } from 'undici';
import { Configuration } from '../configuration/configuration.js';
import { CodedError } from '../errors/coded-error.js';
import { reasonOf } from '../errors/reason-of.js';
import type { PaymentNetwork } from '../money/usdc.js';
import { boundedText } from './bounded-text.js';
import type { Cancellation } from './cancellation.js';
import { readChallenge } from './challenge.js';
import { Deadline } from './deadline.js';
import type { Offer } from './offer.js';
import type { SignedPayment } from './payer.js';
import { paymentHeader } from './payment-header.js';
import { readProof } from './receipt.js';
import { readRejection } from './rejection.js';
import type { PaymentProof, Seller, SellerAnswer, SellerRequest } from './seller.js';
import { sseEvents } from './sse-events.js';

const MAX_CONNECTIONS = 256;
const CONNECT_TIMEOUT_MS = 10_000;
const KEEP_ALIVE_MS = 30_000;
const MAX_HEADER_BYTES = 32 * 1024;
const STOP_WITHIN_MS = 30_000;
/** A completion; an error or a challenge is far below it. */
const MAX_JSON_BYTES = 32 * 1024 * 1024;
const MAX_ERROR_BYTES = 256 * 1024;
/** What may follow `[DONE]` before the connection is dropped instead of kept. */
const MAX_TRAILER_BYTES = 16 * 1024;

/**
 * BlockRun over HTTP with keep-alive connections. Only the headers written here are sent, redirects are not followed, nothing is retried
 * (undici does neither by itself), and every wait and every size has a limit.
 */
@Injectable()
export class BlockRunSeller implements Seller, OnApplicationShutdown {
  private readonly connections: Pool;
  private readonly path: string;

  constructor(private readonly configuration: Pick<Configuration, 'chatUrl' | 'timeoutMs' | 'maxAnswerMs' | 'paymentNetwork'>) {
    const { chatUrl, timeoutMs } = configuration;
    this.path = `${chatUrl.pathname}${chatUrl.search}`;
    this.connections = new Pool(chatUrl.origin, {
      connections: MAX_CONNECTIONS,
      pipelining: 1,
      connect: { timeout: CONNECT_TIMEOUT_MS },
      keepAliveTimeout: KEEP_ALIVE_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
    });
  }

  async ask(request: SellerRequest, gone: Cancellation): Promise<SellerAnswer> {
    return this.post(request, { headers: {}, gone });
  }

  async pay(request: SellerRequest, payment: { offer: Offer; signed: SignedPayment }): Promise<SellerAnswer> {
    const [name, value] = paymentHeader(payment.offer, payment.signed);
    return this.post(request, { headers: { [name]: value } });
  }

  /** Lets answers that are still coming in end, within a bound. */
  async onApplicationShutdown(): Promise<void> {
    const bound = setTimeout(() => void this.connections.destroy(), STOP_WITHIN_MS);
    await this.connections.close().finally(() => clearTimeout(bound));
  }

  private async post(request: SellerRequest, sent: { headers: Record<string, string>; gone?: Cancellation }): Promise<SellerAnswer> {
    let proof: PaymentProof = {};
    const deadline = new Deadline(sent.gone);
    try {
      deadline.allow(this.configuration.timeoutMs, 'the beginning of its answer');
      const response = await this.send(request, { headers: sent.headers, signal: deadline });
      deadline.allow(this.configuration.maxAnswerMs, 'its answer');
      response.body.once('close', () => deadline.met());
      // Whoever reads the body meets its errors; one that comes after the reader has left must not end the process.
      response.body.on('error', () => undefined);
      proof = readProof(response.headers);
      return await readAnswer(response, { proof, isUnpaid: sent.gone !== undefined, paymentNetwork: this.configuration.paymentNetwork });
    } catch (error) {
      deadline.met();
      if (error instanceof CodedError) throw error;
      return { kind: 'no-answer', reason: faultOf(error), proof };
    }
  }

  /** Nothing of the client's request but its body goes to the seller: these headers, and the payment. */
  private send({ body, streamed }: SellerRequest, sent: { headers: Record<string, string>; signal: Deadline }) {
    return this.connections.request({
      method: 'POST',
      path: this.path,
      body,
      headers: {
        'content-type': 'application/json',
        accept: streamed ? 'text/event-stream, application/json' : 'application/json',
        'accept-encoding': 'identity',
        'user-agent': 'blockrun-openclaw-proxy',
        ...sent.headers,
      },
      signal: sent.signal,
    });
  }
}

async function readAnswer(
  response: Dispatcher.ResponseData,
  { proof, isUnpaid, paymentNetwork }: { proof: PaymentProof; isUnpaid: boolean; paymentNetwork: PaymentNetwork },
): Promise<SellerAnswer> {
  const { statusCode, headers } = response;
  const contentType = first(headers['content-type']) ?? '';
  if (statusCode === 200 && contentType.startsWith('text/event-stream')) {
    return { kind: 'stream', events: eventsOf(response), proof };
  }
  const text = await boundedText(decoded(response), statusCode === 200 ? MAX_JSON_BYTES : MAX_ERROR_BYTES);
  if (statusCode === 200) {
    const value = jsonObject(text);
    return value ? { kind: 'completion', json: text, value, proof } : { kind: 'no-answer', reason: 'the answer is not JSON', proof };
  }
  // A 402 to a request that carried a payment is a refusal of that payment, whatever it asks for: nothing is signed a second time.
  if (statusCode === 402 && isUnpaid) {
    const challenge = readChallenge(first(headers['payment-required']), text);
    return { kind: 'payment-required', challenge, sellerTime: timeOf(first(headers.date)) };
  }
  const rejection = readRejection(statusCode, text, first(headers['retry-after']));
  // On Solana the payment is settled beside the model's work, so no error tells that it was not taken: only the chain does.
  return { kind: 'rejection', rejection: { ...rejection, notCharged: rejection.notCharged && paymentNetwork === 'base' }, proof };
}

/** The events of a stream. After `[DONE]` the little that is left is read away, so that the connection can be used again. */
async function* eventsOf(response: Dispatcher.ResponseData): AsyncGenerator<string> {
  const bytes = decoded(response);
  let whole = false;
  try {
    yield* sseEvents(bytes.iterator({ destroyOnReturn: false }));
    whole = true;
  } finally {
    if (whole && bytes === response.body) void response.body.dump({ limit: MAX_TRAILER_BYTES }).catch(() => undefined);
    else bytes.destroy();
  }
}

/** The body without its content encoding. `identity` is asked for; a seller that compresses all the same has been paid for it. */
function decoded({ headers, body }: Dispatcher.ResponseData): Readable {
  const decoders: Record<string, () => Readable & NodeJS.WritableStream> = {
    gzip: createGunzip,
    deflate: createInflate,
    br: createBrotliDecompress,
  };
  const decoder = decoders[first(headers['content-encoding'])?.toLowerCase() ?? '']?.();
  if (!decoder) return body;
  body.on('error', (error) => decoder.destroy(error));
  // A reader that has had enough leaves the decoder; the connection behind it must not stay open.
  decoder.once('close', () => body.destroy());
  return body.pipe(decoder);
}

function jsonObject(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined; // the caller tells it as an answer that is not JSON
  }
}

function first(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

/** A time as HTTP tells it. */
function timeOf(header = ''): Date | undefined {
  const time = new Date(header);
  return Number.isNaN(time.getTime()) ? undefined : time;
}

/** A transport fault in words: `connect ECONNREFUSED 127.0.0.1:9`, `Headers Timeout Error`. */
function faultOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors[0] instanceof Error) return error.errors[0].message;
  return reasonOf(error);
}
