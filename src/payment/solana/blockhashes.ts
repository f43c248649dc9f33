import { setTimeout as delay } from 'node:timers/promises';
import { CodedError } from '../../errors/coded-error.js';
import { reasonOf } from '../../errors/reason-of.js';
import type { SolanaNode } from '../../solana/solana-node.js';
import type { SolanaOffer } from '../offer.js';
import type { TransactionLifetime } from '../payer.js';

/** How long one is good for further offers: blocks come every 400 ms, and a transaction may be made after any of the last 150. */
const FRESH_MS = 2_000;
const RETRY_MS = 200;
/** A network that makes no block in this time is at a standstill. */
const WAIT_MS = 10_000;
/** How many are remembered: far more than can be signed while a blockhash lives. */
const REMEMBERED = 10_000;

/**
 * The blockhashes that payments on Solana are made after. AgentCash puts nothing of its own into a transaction, so two of the same amount to the
 * same payee after the same block are one transaction, which is taken once for two requests: no blockhash is given out twice for the same
 * terms, and whoever comes second waits for the next block.
 */
export class Blockhashes {
  private readonly given = new Set<string>();
  private latest: (TransactionLifetime & { at: number }) | undefined;
  private asking: Promise<TransactionLifetime> | undefined;

  constructor(private readonly node: SolanaNode) {}

  /** @throws CodedError payer_unavailable: nothing was signed */
  async next({ payee, amountMicroUsd, feePayer }: SolanaOffer): Promise<TransactionLifetime> {
    const isFree = ({ blockhash }: TransactionLifetime) => this.take([blockhash, payee, amountMicroUsd, feePayer].join(' '));
    const recent = this.recent();
    if (recent && isFree(recent)) return recent;
    const waitsUntil = performance.now() + WAIT_MS;
    do {
      const lifetime = await this.ask();
      if (isFree(lifetime)) return lifetime;
      await delay(RETRY_MS);
    } while (performance.now() < waitsUntil);
    throw unsigned(`Solana has made no new block for ${WAIT_MS / 1000} s.`);
  }

  private take(terms: string): boolean {
    if (this.given.has(terms)) return false;
    this.given.add(terms);
    const [oldest] = this.given;
    if (this.given.size > REMEMBERED && oldest !== undefined) this.given.delete(oldest);
    return true;
  }

  private recent(): TransactionLifetime | undefined {
    const { latest } = this;
    return latest && performance.now() - latest.at < FRESH_MS ? latest : undefined;
  }

  /** One question at a time, whoever asks. */
  private ask(): Promise<TransactionLifetime> {
    this.asking ??= this.node
      .ask((rpc, within) => rpc.getLatestBlockhash({ commitment: 'confirmed' }).send(within))
      .then(
        ({ value: { blockhash, lastValidBlockHeight } }) => (this.latest = { blockhash, lastValidBlockHeight, at: performance.now() }),
        (cause: unknown) => {
          throw unsigned(reasonOf(cause), cause);
        },
      )
      .finally(() => (this.asking = undefined));
    return this.asking;
  }
}

function unsigned(why: string, cause?: unknown): CodedError {
  return new CodedError('payer_unavailable', `${why} Nothing was signed and nothing was paid; trying again is safe.`, { cause });
}
