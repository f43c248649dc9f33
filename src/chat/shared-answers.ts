import { Injectable } from '@nestjs/common';
import { Configuration } from '../configuration/configuration.js';
import { CodedError } from '../errors/coded-error.js';
import { type AnswerMemory, SharedAnswer } from './shared-answer.js';

/** What a client has named with an `Idempotency-Key` is kept for at least so long. */
const KEYED_WINDOW_MS = 10 * 60_000;
/** At most so many answers, and so many characters of them, are kept; of those that are over the oldest go first. */
const MAX_ANSWERS = 1000;
const MAX_KEPT_LENGTH = 64 * 1024 * 1024;

/** What makes two requests the same one. */
export interface RequestIdentity {
  /** Each client buys its own: what one has paid for is not given to another. Undefined where nobody knows whose it is. */
  client?: string | undefined;
  /** The client's own `Idempotency-Key`; undefined where it sent none. */
  key: string | undefined;
  /** Of the body as it goes to the seller. */
  bodyHash: string;
}

interface Kept {
  answer: SharedAnswer;
  bodyHash: string;
  /** Runs until it is forgotten by its time. */
  window?: NodeJS.Timeout;
}

/**
 * The answers that a request may share instead of buying its own. In the memory of this process: after a restart the same request is a new
 * one.
 */
@Injectable()
export class SharedAnswers {
  private readonly kept = new Map<string, Kept>();
  private readonly windowMs: number;
  private length = 0;
  constructor({ replayWindowMs }: Configuration) {
    this.windowMs = replayWindowMs;
  }

  /**
   * The answer for such a request: one that comes already or is there, else a new one, which the caller has to buy.
   * @throws CodedError idempotency_key_reused when the key was used for another body
   */
  find({ client, key, bodyHash }: RequestIdentity): { answer: SharedAnswer; isNew: boolean } {
    if (this.windowMs === 0) return { answer: new SharedAnswer(), isNew: true };
    const name = nameOf({ client, key, bodyHash });
    const known = this.kept.get(name);
    if (known && known.bodyHash !== bodyHash) {
      throw new CodedError(
        'idempotency_key_reused',
        'This Idempotency-Key was used for another request. Send a new key with a new request. Nothing was paid.',
        { param: 'Idempotency-Key' },
      );
    }
    if (known?.answer.isWhole) return { answer: known.answer, isNew: false };
    if (known) this.forget(name, known);
    this.makeRoom(0);
    if (this.kept.size >= MAX_ANSWERS) return { answer: new SharedAnswer(), isNew: true };
    const windowMs = key === undefined ? this.windowMs : Math.max(this.windowMs, KEYED_WINDOW_MS);
    const answer = new SharedAnswer(this.memoryOf(name, windowMs));
    this.kept.set(name, { answer, bodyHash });
    return { answer, isNew: true };
  }

  private memoryOf(name: string, windowMs: number): AnswerMemory {
    return {
      take: (length) => {
        this.makeRoom(length);
        const fits = this.length + length <= MAX_KEPT_LENGTH;
        if (fits) this.length += length;
        return fits;
      },
      give: (length) => void (this.length -= length),
      over: (isBought) => {
        const entry = this.kept.get(name);
        if (!entry) return;
        if (isBought) entry.window = setTimeout(() => this.forget(name, entry), windowMs).unref();
        else this.forget(name, entry);
      },
    };
  }

  /** Forgets the oldest that are over, as far as it takes to keep one more, or so much more. */
  private makeRoom(length: number): void {
    if (this.kept.size < MAX_ANSWERS && this.length + length <= MAX_KEPT_LENGTH) return;
    for (const [name, entry] of this.kept) {
      if (!entry.answer.isOver) continue;
      this.forget(name, entry);
      if (this.kept.size < MAX_ANSWERS && this.length + length <= MAX_KEPT_LENGTH) return;
    }
  }

  private forget(name: string, entry: Kept): void {
    if (this.kept.get(name) !== entry) return;
    this.kept.delete(name);
    // A timer would keep the answer, and the purchase with it, for the whole window.
    clearTimeout(entry.window);
    entry.answer.forget();
  }
}

function nameOf({ client = '', key, bodyHash }: RequestIdentity): string {
  return key === undefined ? `${client} body ${bodyHash}` : `${client} key ${key}`;
}
