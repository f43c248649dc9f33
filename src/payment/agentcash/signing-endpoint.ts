import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Offer } from '../offer.js';
import { readPaymentPayload } from './payment-payload.js';

const MAX_HEADER_BYTES = 16 * 1024;
const MAX_CONNECTIONS = 512;
const REQUEST_TIMEOUT_MS = 10_000;

/** A path that is there for one signature. */
export interface SigningPath {
  readonly url: string;
  /** Resolves with the payload that was sent as the payment, once, whatever it is. Never, where nothing is sent. */
  readonly caught: Promise<unknown>;
  /** Whether anything was sent as the payment. */
  isCaught(): boolean;
  /** Whether the price was asked for. */
  isAsked(): boolean;
  /** From now on the path is not there. What is signed later goes nowhere. Calling it again is harmless. */
  close(): void;
}

interface OpenPath {
  readonly challenge: string;
  isAsked: boolean;
  isCaught: boolean;
  catch(payload: unknown): void;
}

/**
 * Where AgentCash is sent to: a server on loopback that asks for one payment on a path that nobody can guess, and keeps the signature that
 * comes. It is no seller, so whatever is signed is worth nothing until this proxy sends it on.
 */
export class SigningEndpoint {
  private readonly server: Server;
  private readonly open = new Map<string, OpenPath>();
  private listening: Promise<string> | undefined;

  constructor() {
    this.server = createServer(
      { maxHeaderSize: MAX_HEADER_BYTES, requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: REQUEST_TIMEOUT_MS },
      (request, response) => this.answer(request, response),
    );
    this.server.maxConnections = MAX_CONNECTIONS;
  }

  /** `extra` stands in the offer that is shown. @throws the error of listening */
  async offer(offer: Offer, extra: object): Promise<SigningPath> {
    const origin = await (this.listening ??= this.listen());
    const path = `/${randomBytes(32).toString('hex')}`;
    let resolve: (payload: unknown) => void = () => undefined;
    const caught = new Promise<unknown>((settle) => (resolve = settle));
    const opened: OpenPath = { challenge: challengeFor(offer, extra), isAsked: false, isCaught: false, catch: resolve };
    this.open.set(path, opened);
    return {
      url: origin + path,
      caught,
      isCaught: () => opened.isCaught,
      isAsked: () => opened.isAsked,
      close: () => void this.open.delete(path),
    };
  }

  async stop(): Promise<void> {
    this.open.clear();
    if (!this.listening) return;
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }

  private async listen(): Promise<string> {
    try {
      this.server.listen(0, '127.0.0.1');
      await once(this.server, 'listening');
    } catch (error) {
      this.listening = undefined; // such as a process without free file descriptors: the next call may have one
      throw error;
    }
    this.server.unref(); // waiting for signatures alone keeps no process up
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    request.resume(); // nothing is sent here, and what is sent all the same is not read
    const path = this.open.get(request.url ?? '');
    const payment = request.headers['payment-signature'];
    if (!path || (payment === undefined && path.isAsked)) return void response.writeHead(404, { connection: 'close' }).end();
    if (payment === undefined) {
      path.isAsked = true;
      return void response.writeHead(402, { 'payment-required': path.challenge, 'content-length': 0 }).end();
    }
    this.open.delete(request.url ?? '');
    path.isCaught = true;
    path.catch(readPaymentPayload(payment));
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"caught":true}');
  }
}

/**
 * One offer and nothing else, whatever the seller sent: its extensions could have something else signed (a sign-in, a permit for another
 * contract), and its resource is none of AgentCash's business. x402 version 2, the only one that AgentCash knows; what is signed is the same in 1.
 */
function challengeFor({ network, asset, payee, amountMicroUsd, validitySeconds }: Offer, extra: object): string {
  const entry = {
    scheme: 'exact',
    network,
    asset,
    amount: amountMicroUsd.toString(),
    payTo: payee,
    maxTimeoutSeconds: validitySeconds,
    extra,
  };
  return Buffer.from(JSON.stringify({ x402Version: 2, accepts: [entry] })).toString('base64');
}
