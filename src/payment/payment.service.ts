import { Inject, Injectable, Logger } from '@nestjs/common';
import { Clock } from '../clock/clock.js';
import { Configuration } from '../configuration/configuration.js';
import { CodedError } from '../errors/coded-error.js';
import type { SignedAuthorization } from '../money/authorization.js';
import type { MicroUsd } from '../money/micro-usd.js';
import { USDC } from '../money/usdc.js';
import type { Challenge, Offer } from './offer.js';
import { PayeePins } from './payee-pins.js';
import { Payer, type SignedPayment } from './payer.js';
import { checkSigned } from './signature-check.js';
import { chooseOffer, resourceOf, type Verdict } from './spend-policy.js';

/** A signed payment for one offer, checked, and not sent yet. */
export interface PreparedPayment {
  offer: Offer;
  signed: SignedPayment;
  /** What the ledger has to record before it is sent. */
  authorization: SignedAuthorization;
}

/** Judges a seller's price and has it signed: steps 2 to 4 of a paid request. Nothing leaves the process here. */
@Injectable()
export class PaymentService {
  private readonly logger = new Logger(PaymentService.name);
  /** What is asked for, and paid for: the same for every call. */
  private readonly resource: string;

  constructor(
    @Inject(Payer) private readonly payer: Payer,
    private readonly pins: PayeePins,
    private readonly configuration: Configuration,
    @Inject(Clock) private readonly clock: Clock,
  ) {
    this.resource = resourceOf(configuration.chatUrl.href) ?? '';
  }

  /** The estimate is what the request should cost at the most; undefined where that is not known. */
  async judge(challenge: Challenge, order: { holdMicroUsd: MicroUsd; estimateMicroUsd: MicroUsd | undefined }): Promise<Verdict> {
    const { maxPriceFactor: factor, paymentNetwork } = this.configuration;
    const token = USDC[paymentNetwork];
    const { holdMicroUsd, estimateMicroUsd } = order;
    const verdict = chooseOffer(challenge, {
      token,
      payer: this.payer.address,
      holdMicroUsd,
      payees: await this.pins.trusted(token.network),
      resource: this.resource,
      plausible: estimateMicroUsd === undefined ? undefined : { estimateMicroUsd, factor },
    });
    if (verdict.kind === 'refused' && verdict.code === 'payee_refused') this.logger.warn(verdict.message);
    return verdict;
  }

  /** @throws CodedError payee_refused, or one of the payer's; nothing has been signed, or what was signed is dropped */
  async prepare(offer: Offer): Promise<PreparedPayment> {
    if (!(await this.pins.confirm(offer))) {
      throw new CodedError(
        'payee_refused',
        `The payee ${offer.payee} is not the one that this seller is pinned to. Nothing was paid and none of the daily quota was used.`,
      );
    }
    const signed = await this.payer.authorize(offer);
    const authorization = await checkSigned(signed, { offer, payer: this.payer.address, now: this.clock.now() });
    return { offer, signed, authorization };
  }
}
