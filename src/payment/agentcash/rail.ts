import type { PaymentNetwork } from '../../money/usdc.js';
import type { Offer } from '../offer.js';
import type { SignedPayment } from '../payer.js';

/** What AgentCash is shown of an offer, and what is made of what it sends back. */
export interface SigningTerms {
  /** `extra` of the offer. */
  extra: object;
  /** The payment in a payload; undefined where it is none for this network. */
  read(payload: unknown): SignedPayment | undefined;
}

/** A network on which AgentCash signs. */
export interface Rail {
  /** AgentCash calls it the same. */
  readonly name: PaymentNetwork;
  /** The address of the wallet as it is now: its file may have changed. @throws CodedError payer_failed when there is none that can be used */
  currentAddress(): string;
  /** What AgentCash needs in its environment to find that wallet. */
  readonly environment: Record<string, string>;
  /** @throws CodedError payer_failed | payer_unavailable: nothing is to be signed */
  terms(offer: Offer): Promise<SigningTerms>;
  /** Whether the wallet signed it. What its fields are worth, the check of every payer's signatures says. */
  isSignedByWallet(signed: SignedPayment, address: string): Promise<boolean>;
}
