import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Hex } from 'viem';
import { type Blanks, challengeWith, filled } from './offers.js';
import type { Answer, Scenario } from './scenario.js';
import { type Signature, signatureIn } from './signature.js';

export const ANSWER_MARKER = 'ANSWER-MARKER-of-the-hostile-suite';
const CHAT_PATH = '/api/v1/chat/completions';
/** What a proxy asks for by itself, without a body and without a payment. */
const LIST_REQUEST = 'GET /api/v1/models';
/** So long does a byte of an answer that drips take. */
const DRIP_MS = 100;

interface Received {
  path: string;
  headers: IncomingMessage['headers'];
  body: string;
}

/** A seller that does what its scenario says, and keeps every signature that it gets hold of. */
export class HostileSeller {
  readonly requests: Received[] = [];
  readonly signatures: Signature[] = [];
  asked = 0;
  paid = 0;
  private readonly drips = new Set<NodeJS.Timeout>();

  private constructor(
    private readonly routes: Scenario['routes'],
    private readonly settle: (signature: Signature) => Promise<Hex | undefined>,
    private readonly server: Server,
  ) {}

  static async start(routes: Scenario['routes'], settle: HostileSeller['settle']): Promise<HostileSeller> {
    const seller: HostileSeller = new HostileSeller(
      routes,
      settle,
      createServer((request, response) => {
        seller.serve(request, response).catch((error: unknown) => response.destroy(error as Error));
      }),
    );
    await new Promise<void>((resolve) => seller.server.listen(0, '127.0.0.1', resolve));
    return seller;
  }

  get chatUrl(): string {
    return `http://${this.host}${CHAT_PATH}`;
  }

  async stop(): Promise<void> {
    for (const drip of this.drips) clearInterval(drip);
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private get host(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('error', () => undefined);
    const parts: Buffer[] = [];
    for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
    const { headers, url: path = '' } = request;
    const body = Buffer.concat(parts).toString();
    if (`${request.method} ${path}` === LIST_REQUEST && body === '') return send(response, { status: 404, headers: {}, text: '' });
    this.requests.push({ path, headers, body });
    const signature = signatureIn(headers['payment-signature'] ?? headers['x-payment']);
    if (signature) this.signatures.push(signature);
    const answers = signature ? this.routes.paid : this.routes.ask;
    const answer = answers[Math.min(signature ? this.paid++ : this.asked++, answers.length - 1)] ?? {};
    const blanks = { self: this.chatUrl, host: this.host, port: this.host.split(':')[1] ?? '', ...echoes(body, headers) };
    if (answer.act) this.misbehave(answer, response);
    else if (answer.completion) await this.complete(body, signature, response);
    else send(response, await this.textOf(answer, { blanks, signature }));
  }

  /** Sells, honestly. */
  private async complete(body: string, signature: Signature | undefined, response: ServerResponse): Promise<void> {
    const transaction = signature && (await this.settle(signature));
    const receipt = { success: true, transaction, network: 'eip155:8453', payer: signature?.authorization.from };
    const headers: Record<string, string> = transaction ? { 'payment-response': base64(receipt) } : {};
    const { stream, model } = JSON.parse(body) as { stream?: boolean; model: string };
    const facts = { id: 'chatcmpl-1', created: 1, model };
    if (!stream) {
      const choices = [{ index: 0, message: { role: 'assistant', content: ANSWER_MARKER }, finish_reason: 'stop' }];
      return send(response, { status: 200, headers, text: JSON.stringify({ ...facts, object: 'chat.completion', choices }) });
    }
    const event = (delta: object, finish: string | null) =>
      `data: ${JSON.stringify({ ...facts, object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
    const text = `${event({ role: 'assistant', content: ANSWER_MARKER }, null)}${event({}, 'stop')}data: [DONE]\n\n`;
    send(response, { status: 200, headers: { ...headers, 'content-type': 'text/event-stream' }, text });
  }

  private async textOf(answer: Answer, { blanks, signature }: { blanks: Blanks; signature: Signature | undefined }): Promise<Sent> {
    const isSettled = answer.headers?.['payment-response'] === '{settled}';
    const transaction = isSettled && signature ? await this.settle(signature) : undefined;
    const receipt = base64({ success: true, transaction, network: 'eip155:8453', payer: signature?.authorization.from });
    const headers = filled({ ...answer.headers, ...(isSettled && { 'payment-response': receipt }) }, blanks) as Record<string, string>;
    if (answer.challenge) {
      const text = JSON.stringify({ error: 'Payment Required', price: { amount: '0.001000', currency: 'USD' } });
      return { status: 402, headers: { 'payment-required': base64(challengeWith(answer.challenge, blanks)), ...headers }, text };
    }
    const body = answer.challengeInBody ? challengeWith(answer.challengeInBody, blanks) : filled(answer.body ?? '', blanks);
    return { status: answer.status ?? 402, headers, text: typeof body === 'string' ? body : JSON.stringify(body) };
  }

  private misbehave({ act }: Answer, response: ServerResponse): void {
    if (act === 'reset') return void response.socket?.resetAndDestroy();
    if (act === 'hang') return;
    const { socket } = response;
    if (act === 'drip-body') response.writeHead(200, { 'content-type': 'application/json' }).write(' ');
    else socket?.write('HTTP/1.1 402 Payment Required\r\nx-slow: ');
    const drip = setInterval(() => (act === 'drip-body' ? response.write(' ') : socket?.write('a')), DRIP_MS);
    this.drips.add(drip);
  }
}

interface Sent {
  status: number;
  headers: Record<string, string>;
  text: string;
}

function send(response: ServerResponse, { status, headers, text }: Sent): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(text);
}

/** What a seller can throw back: the prompt that it was asked and the payment that it was sent. */
function echoes(body: string, headers: IncomingMessage['headers']): Record<string, string> {
  const { messages } = JSON.parse(body) as { messages: { content: string }[] };
  const header = headers['payment-signature'] ?? headers['x-payment'];
  return {
    prompt: String(messages[0]?.content),
    signature: signatureIn(header)?.signature ?? 'none',
    payment: typeof header === 'string' ? header : 'none',
  };
}

function base64(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64');
}
