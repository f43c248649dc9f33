import { Cancellation } from './cancellation.js';

/**
 * How long somebody who is asked may take; cancelled when the time is over, with an error that says what did not come in time. Undici's own time-outs begin
 * anew with every byte, so a seller that sends one now and then would hold a request, and what is set aside for it, for ever.
 */
export class Deadline extends Cancellation {
  private timer: NodeJS.Timeout | undefined;
  private readonly leave = () => this.abort();

  /** Gives up early when `gone` is cancelled. */
  constructor(private readonly gone?: Cancellation) {
    super();
    if (gone?.aborted) this.leave();
    gone?.once('abort', this.leave);
  }

  /** From now on there are so many milliseconds, whatever there was before. */
  allow(ms: number, what: string): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.abort(new Error(`${what} took longer than ${ms} ms`)), ms);
  }

  /** What was waited for is there, or has failed. */
  met(): void {
    clearTimeout(this.timer);
    this.gone?.off('abort', this.leave);
  }
}
