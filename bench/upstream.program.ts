import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CHALLENGE_BODY, challengeHeaders, completion, FREE_MODEL, RECEIPT, STREAM_MARK, streamPieces } from './wire.js';

/**
 * The one upstream of all that is measured, in a process of its own: 402 for a paid model without a payment, else a constant answer.
 * A signature is not verified, for that is the seller's work and not the proxy's. Arguments: tokens, first-token delay in ms.
 */
const [tokens = 24, firstTokenMs = 0] = process.argv.slice(2).map(Number);

/** Between the first token and the rest: whoever collects a stream before handing it on shows this in its time to first token. */
const REST_AFTER_MS = 4;
const KEEP_ALIVE_MS = 120_000;

const whole = completion(tokens);
const { opening, firstToken, rest } = streamPieces(tokens);
const start = Buffer.concat([opening, firstToken]);
let challenge: Record<string, string> = {};

function answer(request: IncomingMessage, body: Buffer, response: ServerResponse): void {
  const isPaid = request.headers['payment-signature'] !== undefined;
  if (!isPaid && !body.includes(FREE_MODEL)) {
    response.writeHead(402, { ...challenge, 'content-length': CHALLENGE_BODY.length });
    response.end(CHALLENGE_BODY);
  } else if (body.includes(STREAM_MARK)) {
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' });
    stream(response);
  } else {
    const receipt = isPaid ? { 'payment-response': RECEIPT } : {};
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': whole.length, ...receipt });
    response.end(whole);
  }
}

function stream(response: ServerResponse): void {
  const later = () => setTimeout(() => response.end(rest), REST_AFTER_MS);
  if (firstTokenMs === 0) {
    response.write(start);
    later();
    return;
  }
  response.write(opening);
  setTimeout(() => {
    response.write(firstToken);
    later();
  }, firstTokenMs);
}

const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS, noDelay: true }, (request, response) => {
  const parts: Buffer[] = [];
  request.on('data', (part: Buffer) => parts.push(part));
  request.on('end', () => answer(request, Buffer.concat(parts), response));
});
server.listen(0, '127.0.0.1', () => {
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  challenge = challengeHeaders(origin);
  console.log(`listening on ${origin}`);
});
