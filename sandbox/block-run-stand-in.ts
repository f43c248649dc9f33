import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { answerTo } from './block-run/answer.js';
import { BASE } from './block-run/base.network.js';
import type { ScriptedCall } from './block-run/choices.js';
import { challenge, offersFor } from './block-run/challenge.js';
import type { Fault } from './block-run/faults.js';
import { describeModel, isFree, MODELS, type PricedModel } from './block-run/models.js';
import { contentLength, readOrder, type Order } from './block-run/order.js';
import { Pace } from './block-run/pace.js';
import { readPayment, type Payment } from './block-run/payment.js';
import type { PaymentNetwork } from './block-run/payment-network.js';
import { priceOf, PRICING, type Price, type PricingRules } from './block-run/pricing.js';
import { ASK_REFUSALS, isRefusal, modelsLimited, NOT_FOUND } from './block-run/refusals.js';
import { answerFree, refuse, sell } from './block-run/sale.js';
import { CountingTill, FacilitatorTill, type Settlement, type Till } from './block-run/till.js';
import { closed, readBody, sendJson, serveOnLoopback, type LoopbackServer } from './loopback-server.js';
import { PauseGate } from './pause-gate.js';

export interface StandInOptions {
  /** Origin of a facilitator, or 'none' to take every well-formed payment and only count it. */
  readonly facilitator: string;
  readonly port?: number;
  /** Where it is paid; Base if nothing is said. */
  readonly network?: PaymentNetwork;
  readonly payTo?: string;
  readonly models?: readonly PricedModel[];
  readonly pricing?: Partial<PricingRules>;
}

export interface ReceivedBody {
  readonly paid: boolean;
  readonly headers: IncomingHttpHeaders;
  readonly raw: Buffer;
}

export { TREASURY } from './block-run/base.network.js';

const CHAT_PATH = '/api/v1/chat/completions';
const MODELS_PATH = '/api/v1/models';
const MAX_BODY_BYTES = 6 * 1024 * 1024;
const KEPT_BODIES = 32;

/** BlockRun's chat gateway on loopback, as its clients know it: quote, verify, answer, settle; and every way in which that goes wrong. */
export class BlockRunStandIn {
  /** Requests that came without a payment, and with one. */
  asked = 0;
  paidSends = 0;
  readonly settlements: Settlement[] = [];
  /** The last bodies received, oldest first. */
  readonly bodies: ReceivedBody[] = [];
  /** A fault for every request that does not name its own. */
  readonly faults: { always: Fault | undefined } = { always: undefined };
  /** A call of a tool that its models make before they answer. */
  readonly script: { call: ScriptedCall | undefined } = { call: undefined };
  /** The list of models as clients know it ({object, data}), or as the documentation has it ({models}). */
  modelsShape: 'data' | 'models' = 'data';
  /** How often the list was asked for. */
  modelsAsked = 0;
  /** Until then, in Unix milliseconds, whoever asks for the list has asked too often. */
  modelsLimitedUntil = 0;
  /** What it sells, and lists, now. */
  models: readonly PricedModel[];

  readonly payTo: string;

  private readonly network: PaymentNetwork;
  private readonly till: Till;
  private readonly rules: PricingRules;
  private readonly inFlight = new Set<Promise<unknown>>();
  private readonly gate = new PauseGate();
  private server!: LoopbackServer;
  private serial = 0;

  private constructor({ facilitator, network = BASE, payTo, models, pricing }: StandInOptions) {
    this.network = network;
    this.payTo = payTo ?? network.treasury;
    this.till = facilitator === 'none' ? new CountingTill(network) : new FacilitatorTill(facilitator, network);
    this.models = models ?? MODELS;
    this.rules = { ...PRICING, ...pricing };
  }

  static async start(options: StandInOptions): Promise<BlockRunStandIn> {
    const seller = new BlockRunStandIn(options);
    seller.server = await serveOnLoopback((request, response) => seller.serve(request, response), options.port);
    return seller;
  }

  get url(): string {
    return this.server.url;
  }

  get chatUrl(): string {
    return this.server.url + CHAT_PATH;
  }

  get modelsUrl(): string {
    return this.server.url + MODELS_PATH;
  }

  /** Lets every answer go on that pauses now. */
  resume(): void {
    this.gate.open();
  }

  /** Resolves when no request is in flight and every settlement is done. */
  async idle(): Promise<void> {
    while (this.inFlight.size > 0) await Promise.allSettled(this.inFlight);
  }

  /** What a payer would be asked for this body now. */
  price(body: string | Buffer): Price {
    const order = readOrder(Buffer.from(body), this.models);
    if (isRefusal(order)) throw new Error(`The seller would refuse this body: ${JSON.stringify(order.body)}`);
    return this.priceOf(order);
  }

  async stop(): Promise<void> {
    await this.server.stop();
    this.resume();
    await this.idle();
  }

  private serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const served = this.route(request, response);
    const over = Promise.allSettled([served, closed(response)]).finally(() => this.inFlight.delete(over));
    this.inFlight.add(over);
    return served;
  }

  private async route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const route = `${request.method} ${request.url?.split('?')[0]}`;
    if (route === `GET ${MODELS_PATH}`) return this.listModels(response);
    if (route !== `POST ${CHAT_PATH}`) return refuse(response, NOT_FOUND);
    await this.chat(request, response);
  }

  private listModels(response: ServerResponse): void {
    this.modelsAsked += 1;
    if (Date.now() < this.modelsLimitedUntil) return refuse(response, modelsLimited(this.modelsLimitedUntil));
    const list = this.models.map(describeModel);
    sendJson(response, 200, this.modelsShape === 'data' ? { object: 'list', data: list } : { models: list });
  }

  private async chat(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const header = request.headers['payment-signature'];
    const paid = typeof header === 'string';
    if (paid) this.paidSends += 1;
    else this.asked += 1;
    const raw = await readBody(request, MAX_BODY_BYTES);
    this.remember({ paid, headers: request.headers, raw });

    const order = readOrder(raw, this.models);
    if (isRefusal(order)) return refuse(response, order);
    const fault = order.directions.fault ?? this.faults.always;
    const pace = new Pace(this.gate, order.directions, response);
    const sale = { order, answer: answerTo(order, ++this.serial, this.script.call), fault, pace, request, response };

    if (!paid && fault !== undefined && (await this.failAsk(fault, request, response))) return;
    if (isFree(order.model)) return answerFree(sale);
    const price = this.priceOf(order);
    const { network } = this;
    const offers = offersFor(network, price.totalMicroUsd, this.payTo, { moment: paid ? 'pay' : 'ask', fault });
    const quote = { networkName: network.name, price, offers, resourceUrl: this.chatUrl };
    if (!paid) return refuse(response, challenge(quote, fault));

    const payment = readPayment(header, offers, network);
    if (isRefusal(payment)) return refuse(response, payment);
    await sell({ ...sale, payment, network, verify: () => this.till.verify(payment), settle: () => this.settle(payment, order) });
  }

  private async failAsk(fault: Fault, request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    const refusal = ASK_REFUSALS[fault];
    if (refusal !== undefined) refuse(response, refusal);
    else if (fault === 'reset-before-quote') request.socket.resetAndDestroy();
    else if (fault === 'hang-before-quote') await closed(response);
    else return false;
    return true;
  }

  private async settle(payment: Payment, order: Order) {
    const receipt = await this.till.settle(payment);
    const { amountMicroUsd, payer, nonce } = payment;
    const { transaction } = receipt;
    if (receipt.success) {
      this.settlements.push({ transaction, amountMicroUsd, payer, nonce, streamed: order.streamed, model: order.model.id });
    }
    return receipt;
  }

  private priceOf({ model, messages, maxTokens }: Order): Price {
    return priceOf(model, { chars: contentLength(messages), messages: messages.length, maxTokens }, this.rules);
  }

  private remember(body: ReceivedBody): void {
    this.bodies.push(body);
    if (this.bodies.length > KEPT_BODIES) this.bodies.shift();
  }
}
