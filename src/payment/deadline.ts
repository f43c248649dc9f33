/**
 * How long somebody who is asked may take. Undici's own time-outs begin anew with every byte, so a seller that sends one now and then would
 * hold a request, and what is set aside for it, for ever.
 */
export class Deadline {
  private readonly controller = new AbortController();
  private timer: NodeJS.Timeout | undefined;
  private readonly leave = () => this.controller.abort();

  /** Gives up early when `gone` is aborted. */
  constructor(private readonly gone?: AbortSignal) {
    if (gone?.aborted) this.leave();
    gone?.addEventListener('abort', this.leave, { once: true });
  }

  /** Aborted when the time is over, with an error that says what did not come in time. */
  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** From now on there are so many milliseconds, whatever there was before. */
  allow(ms: number, what: string): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.controller.abort(new Error(`${what} took longer than ${ms} ms`)), ms);
  }

  /** What was waited for is there, or has failed. */
  met(): void {
    clearTimeout(this.timer);
    this.gone?.removeEventListener('abort', this.leave);
  }
}
