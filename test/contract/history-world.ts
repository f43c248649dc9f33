import { utcDay } from '../../src/clock/clock.js';
import type { SignedAuthorization } from '../../src/money/authorization.js';
import type { AuthorizationUse, Chain, ChainTransfer } from '../../src/reconciliation/chain.js';
import { FakeClock } from '../support/fake-clock.js';
import { authorization } from '../support/offers.js';
import type { Move } from './history-model.js';
import type { Denial } from './history-steps.js';

const START = '2026-06-06T23:55:00.000Z';
/** So long after its end a payment is proven to be impossible. */
const MARGIN_SECONDS = 120n;

/** What was signed for a hold, and what the seller does with it. */
export interface Payment {
  holdId: string;
  authorization: SignedAuthorization;
  /** It has left the process; until then nobody can take it. */
  isSent: boolean;
  /** When the money was taken, by the chain's time. */
  takenAt: Date | undefined;
  /** The seller takes the money before the payment runs out, if it has not yet. */
  isPromised: boolean;
  /** The seller has said that it charges nothing, and keeps its word. */
  isWaived: boolean;
}

export interface WorldRules {
  /** Without a chain the machine's clock is the only one to go by: it may then be behind the time, and never ahead of it. */
  hasChain: boolean;
  /** The seller may take what it denies to charge. */
  mayLie: boolean;
}

/** What really happens: the time, which never goes back, the clock of the machine, which may, the seller, and the chain. */
export class World {
  readonly machine = new FakeClock(START);
  readonly payments = new Map<string, Payment>();
  /** The last that the chain said of each payment. */
  readonly answers = new Map<string, AuthorizationUse>();
  /** Happens after the chain's next answer and before it is heard. */
  meanwhile: (() => Promise<void>) | undefined;
  private readonly time = new FakeClock(START);

  constructor(readonly rules: WorldRules) {}

  get seconds(): bigint {
    return secondsOf(this.time);
  }

  get today(): string {
    return utcDay(this.machine.now());
  }

  /** What the seller still takes of payments that run out meanwhile is taken first. */
  pass(seconds: number): void {
    const until = this.seconds + BigInt(seconds);
    for (const payment of this.payments.values()) {
      if (payment.isPromised && payment.authorization.validBefore <= until) this.take(payment);
    }
    this.time.advanceMs(seconds * 1000);
    this.machine.advanceMs(seconds * 1000);
  }

  setClock(seconds: number): void {
    const ahead = this.machine.now().getTime() + seconds * 1000 - this.time.now().getTime();
    const drift = this.rules.hasChain ? ahead : Math.min(ahead, 0);
    this.machine.turnTo(new Date(this.time.now().getTime() + drift).toISOString());
  }

  setClockRight(): void {
    this.machine.turnTo(this.time.now().toISOString());
  }

  /** Until every payment is proven to be over. By then whoever has not been seen meanwhile is taken for dead. */
  secondsUntilAllRanOut(): number {
    const ends = [...this.payments.values()].map(({ authorization: { validBefore } }) => Number(validBefore - this.seconds));
    return Math.max(0, ...ends) + Number(MARGIN_SECONDS) + 1;
  }

  /** What the wallet signs by the machine's clock; each hold has its own nonce. */
  authorize(holdId: string, amount: bigint, validitySeconds: number): SignedAuthorization {
    const known = this.payments.get(holdId)?.authorization;
    const nonce = known?.nonce ?? authorization(amount, this.payments.size + 1).nonce;
    const validBefore = known?.validBefore ?? secondsOf(this.machine) + BigInt(validitySeconds);
    return { ...authorization(amount), nonce, validBefore };
  }

  /** The ledger has recorded what was signed. */
  note(holdId: string, authorization: SignedAuthorization): void {
    if (this.payments.has(holdId)) return;
    this.payments.set(holdId, { holdId, authorization, isSent: false, takenAt: undefined, isPromised: false, isWaived: false });
  }

  /** The seller answers what was paid, where it has been or can be; the money is taken now, or later. */
  deliver(payment: Payment, takesNow: boolean): boolean {
    if (!payment.takenAt && !this.canTake(payment)) return false;
    if (takesNow) this.take(payment);
    else payment.isPromised = true;
    return true;
  }

  /** Whether the seller says of the payment that it charges nothing. */
  denies(payment: Payment, denial: Denial): boolean {
    if (!payment.isSent || denial === 'none') return false;
    if (denial === 'lie' && this.rules.mayLie) return (payment.isPromised = true);
    if (payment.takenAt || payment.isPromised) return false;
    return (payment.isWaived = true);
  }

  canTake({ authorization: { validBefore }, isSent, isWaived, takenAt }: Payment): boolean {
    return isSent && !isWaived && takenAt === undefined && this.seconds < validBefore;
  }

  take(payment: Payment): void {
    if (this.canTake(payment)) payment.takenAt = this.time.now();
  }

  /** The most that the seller takes of a payment, now or later. */
  exposureOf(payment: Payment): bigint {
    return payment.takenAt || this.canTake(payment) ? payment.authorization.amountMicroUsd : 0n;
  }

  chain(): Chain {
    return {
      useOf: async (asked) => {
        const payment = this.paymentOf(asked.nonce);
        const answer: AuthorizationUse = payment.takenAt
          ? { kind: 'used', transaction: transactionOf(payment) }
          : { kind: 'unused', asOf: this.seconds };
        this.answers.set(payment.holdId, answer);
        const { meanwhile } = this;
        this.meanwhile = undefined;
        await meanwhile?.();
        return answer;
      },
      transfersFrom: (_wallet, { from, to }) =>
        Promise.resolve(this.transfers().filter(({ at }) => at.getTime() >= from.getTime() && at.getTime() < to.getTime())),
    };
  }

  /** What a sweep has to make of a payment whose outcome nobody knew. */
  verdictOf({ holdId, authorization: { validBefore } }: Payment, saysNotCharged: boolean): Move | undefined {
    const answer = this.answers.get(holdId);
    if (this.rules.hasChain) {
      if (answer?.kind === 'used') return 'settle';
      return answer?.kind === 'unused' && answer.asOf > validBefore + MARGIN_SECONDS ? 'releaseProven' : undefined;
    }
    if (secondsOf(this.machine) <= validBefore + MARGIN_SECONDS) return undefined;
    return saysNotCharged ? 'releaseProven' : 'settle';
  }

  /** The wallet's transfers, oldest first. */
  private transfers(): ChainTransfer[] {
    return [...this.payments.values()]
      .flatMap((payment) => {
        const { payee, amountMicroUsd, nonce } = payment.authorization;
        return payment.takenAt ? [{ transaction: transactionOf(payment), payee, amountMicroUsd, nonce, at: payment.takenAt }] : [];
      })
      .toSorted((one, other) => one.at.getTime() - other.at.getTime());
  }

  private paymentOf(nonce: string): Payment {
    const payment = [...this.payments.values()].find((one) => one.authorization.nonce === nonce);
    if (!payment) throw new Error(`the chain was asked about ${nonce}, which nobody has signed`);
    return payment;
  }
}

function secondsOf(clock: FakeClock): bigint {
  return BigInt(Math.floor(clock.now().getTime() / 1000));
}

function transactionOf({ authorization: { nonce } }: Payment): string {
  return nonce.replace('0x00', '0xaa');
}
