import { Observable, type Subscriber } from 'rxjs';
import type { Purchase } from '../budget/purchase.js';
import { Cancellation } from '../payment/cancellation.js';
import { KeptTexts } from './kept-texts.js';

/** A longer answer is not remembered while it comes: whoever is there gets it, nobody can join later. In characters. */
const MAX_ANSWER_LENGTH = 8 * 1024 * 1024;

/** Where an answer is remembered, and found by others. Lengths in characters. */
export interface AnswerMemory {
  /** False, and nothing taken, when there is no room for so much more. */
  take(length: number): boolean;
  give(length: number): void;
  /** The answer is over, or will never come; `isBought` when asking for it again would pay again. */
  over(isBought: boolean): void;
}

interface Follower {
  client: Subscriber<string>;
  /** Undefined while the client can take more; else resolves when it can again. */
  ready: () => Promise<void> | undefined;
}

/**
 * One answer that is bought once and given to every request that shares it: the one that buys it, and those that ask the same again while
 * it comes or shortly after. It remembers what has come, so that who joins late misses nothing.
 */
export class SharedAnswer {
  /** Resolves with the purchase once it is being bought, or with undefined when its buyer gave up before that. */
  readonly begun: Promise<Purchase | undefined>;
  /** Cancelled when every client that wanted it has left before its end. */
  readonly gone = new Cancellation();
  private readonly followers = new Set<Follower>();
  /** While it comes. */
  private texts: string[] = [];
  /** Once it is over. */
  private kept: KeptTexts | undefined;
  private length = 0;
  private clients = 0;
  /** Whether it is, or was, being bought. */
  hasBegun = false;
  private end: { error?: unknown } | undefined;
  private tellBegun!: (purchase: Purchase | undefined) => void;

  /** Without a memory it remembers nothing, and nobody can join. */
  constructor(private memory?: AnswerMemory) {
    this.begun = new Promise((resolve) => (this.tellBegun = resolve));
  }

  /** Whether all of it is remembered, so that somebody can join. */
  get isWhole(): boolean {
    return this.memory !== undefined;
  }

  get isOver(): boolean {
    return this.end !== undefined;
  }

  /** A client wants it, until it leaves: to be called before it waits for anything. */
  enter(): void {
    this.clients += 1;
  }

  /** A client is gone, or has had its answer. */
  leave(): void {
    this.clients -= 1;
    if (this.clients === 0 && !this.end) this.gone.abort();
  }

  begin(purchase: Purchase): void {
    this.hasBegun = true;
    this.tellBegun(purchase);
  }

  /** Its buyer was refused, or left, before it was asked for. Too late once it has begun. */
  giveUp(): void {
    if (this.hasBegun) return;
    this.tellBegun(undefined);
    this.memory?.over(false);
  }

  /** What has come so far, then what comes. */
  follow(ready: Follower['ready']): Observable<string> {
    return new Observable((client) => {
      for (const text of this.kept ?? this.texts) client.next(text);
      if (this.end) return finish(client, this.end);
      const follower = { client, ready };
      this.followers.add(follower);
      return () => void this.followers.delete(follower);
    });
  }

  next(text: string): void {
    this.remember(text);
    for (const { client } of this.followers) client.next(text);
  }

  /** Undefined while every client can take more; else resolves when all can again. */
  ready(): Promise<unknown> | undefined {
    const waits = [...this.followers].map((follower) => follower.ready()).filter((wait) => wait !== undefined);
    return waits.length > 0 ? Promise.all(waits) : undefined;
  }

  /** It is whole, or has failed. `isBought` when asking for it again would pay again. */
  finish(end: { error?: unknown }, isBought: boolean): void {
    this.end = end;
    this.memory?.over(isBought);
    if (this.memory) this.kept = new KeptTexts(this.texts);
    this.texts = [];
    for (const { client } of [...this.followers]) finish(client, end);
  }

  /** Forgets what has come: nobody can join any more. Those who follow get the rest. */
  forget(): void {
    this.memory?.give(this.length);
    this.memory = undefined;
    this.texts = [];
    this.kept = undefined;
    this.length = 0;
  }

  private remember(text: string): void {
    if (!this.memory) return;
    if (this.length + text.length > MAX_ANSWER_LENGTH || !this.memory.take(text.length)) return this.forget();
    this.texts.push(text);
    this.length += text.length;
  }
}

function finish(client: Subscriber<string>, end: { error?: unknown }): void {
  if ('error' in end) client.error(end.error);
  else client.complete();
}
