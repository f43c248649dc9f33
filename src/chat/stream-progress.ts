import { type CompletionChunk, isUsageOnly, type StreamState } from './completion-chunk.js';

/** More choices cannot be asked for: one with a higher number is none that anybody waits for. */
const MAX_CHOICES = 128;

/** What is known of a stream while it comes. */
export class StreamProgress implements StreamState {
  facts: CompletionChunk = {};
  hadUsageChunk = false;
  private readonly open = new Set<number>();
  private readonly finished = new Set<number>();

  /** @param wantedChoices how many choices were asked for */
  constructor(private readonly wantedChoices: number) {}

  note(chunk: CompletionChunk): void {
    const { id = this.facts.id, created = this.facts.created, model = this.facts.model, usage } = chunk;
    this.facts = { id, created, model, usage: usage ?? this.facts.usage };
    this.hadUsageChunk ||= isUsageOnly(chunk);
    if (!Array.isArray(chunk.choices)) return;
    for (const choice of chunk.choices) this.noteChoice(choice ?? {});
  }

  /** Every choice that has begun has its finish reason. A seller may make fewer than were asked for. */
  get isWhole(): boolean {
    return this.finished.size > 0 && this.open.size === 0;
  }

  get unfinished(): number[] {
    const wanted = Array.from({ length: this.wantedChoices }, (_, index) => index);
    return [...new Set([...wanted, ...this.open])].filter((index) => !this.finished.has(index));
  }

  private noteChoice({ index = 0, finish_reason: finishReason }: { index?: unknown; finish_reason?: unknown }): void {
    if (typeof index !== 'number' || !Number.isInteger(index) || index < 0 || index >= MAX_CHOICES) return;
    if (finishReason) {
      this.finished.add(index);
      this.open.delete(index);
    } else if (!this.finished.has(index)) this.open.add(index);
  }
}
