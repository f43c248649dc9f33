import { Inject, Injectable } from '@nestjs/common';
import { readChatRequest } from '../chat/chat-request.js';
import { expectedPrice } from '../chat/expected-price.js';
import { Clock } from '../clock/clock.js';
import { Configuration } from '../configuration/configuration.js';
import type { Model } from '../models/model.js';
import { ModelCatalog } from '../models/model-catalog.js';
import type { MicroUsd } from '../money/micro-usd.js';
import { Cancellation } from '../payment/cancellation.js';
import { Seller, type SellerAnswer } from '../payment/seller.js';
import { reasonOf } from '../errors/reason-of.js';

/** What the seller said to one request without a payment. */
export interface Probe {
  model: string;
  /** What the request should cost at the most; undefined where that is not known. */
  estimateMicroUsd: MicroUsd | undefined;
  answer: SellerAnswer | { kind: 'unreadable'; reason: string };
  /** This machine's time when it came. */
  at: Date;
}

/** Asks the seller once what a tiny request costs. There is nothing in reach of it that could sign or pay. */
@Injectable()
export class SellerProbe {
  private asked: Promise<Probe | undefined> | undefined;

  constructor(
    private readonly configuration: Configuration,
    private readonly catalog: ModelCatalog,
    @Inject(Seller) private readonly seller: Pick<Seller, 'ask'>,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /** The same answer for every check. Undefined in a dry run, which asks nobody, and where no model is known by name. */
  ask(): Promise<Probe | undefined> {
    this.asked ??= this.send();
    return this.asked;
  }

  private async send(): Promise<Probe | undefined> {
    const model = cheapest(this.catalog.all());
    if (this.configuration.dryRun || model === undefined) return undefined;
    const request = readChatRequest({ model: model.id, messages: [{ role: 'user', content: 'ping' }], max_tokens: 1 });
    const body = Buffer.from(JSON.stringify(request));
    const answer = await this.seller
      .ask({ body, streamed: false }, new Cancellation())
      .catch((error: unknown) => ({ kind: 'unreadable' as const, reason: reasonOf(error) }));
    return { model: model.id, estimateMicroUsd: expectedPrice({ request, body }, model), answer, at: this.clock.now() };
  }
}

/** Of those with a known price, which a free one does not have; else any. */
function cheapest(models: readonly Model[]): Model | undefined {
  const price = ({ inputUsdPerMillionTokens: input, outputUsdPerMillionTokens: output }: Model) => Number(input) + Number(output);
  const priced = models.filter((model) => price(model) > 0);
  return priced.toSorted((one, other) => price(one) - price(other))[0] ?? models[0];
}
