import { Readable } from 'node:stream';
import { type Observable, Subscription } from 'rxjs';

const HIGH_WATER_MARK_BYTES = 64 * 1024;

/**
 * An Observable of text as the byte stream that Nest sends. It subscribes at once and not when somebody reads, so that the teardown of
 * the Observable (booking) runs even when the client leaves before the first byte. While nothing comes it sends SSE comments. A client that
 * takes nothing for `stallMs` while others could go on is told by the event `stall`.
 */
export class SseBody extends Readable {
  private readonly source = new Subscription();
  private readonly heartbeat: NodeJS.Timeout;
  private tellRoom: (() => void) | undefined;
  private stall: NodeJS.Timeout | undefined;
  private hasEnded = false;

  constructor(
    text: Observable<string>,
    keepAliveMs: number,
    private readonly stallMs = Infinity,
  ) {
    super({ highWaterMark: HIGH_WATER_MARK_BYTES });
    this.on('error', () => undefined); // its reader gets the error too; without a listener it would end the process
    this.heartbeat = setInterval(() => void (this.readableLength === 0 && this.push(': keep-alive\n\n')), keepAliveMs);
    this.source.add(
      text.subscribe({
        next: (part) => {
          this.heartbeat.refresh();
          this.push(part);
        },
        error: (error: Error) => this.destroy(error),
        complete: () => this.end(),
      }),
    );
  }

  /** Undefined while the client can take more; else resolves when it can again, or has left. */
  ready(): Promise<void> | undefined {
    if (this.destroyed || this.readableLength < this.readableHighWaterMark) return undefined;
    if (this.stallMs !== Infinity) this.stall ??= setTimeout(() => this.emit('stall'), this.stallMs);
    return new Promise((resolve) => (this.tellRoom = resolve));
  }

  /**
   * The client has left: the source is given up, and nothing comes any more. The body ends, and is not destroyed, because Nest may be about to take
   * it, and calls one that is destroyed a fault of the program.
   */
  leave(): void {
    this.giveUp();
    if (!this.destroyed) this.end();
  }

  override _read(): void {
    clearTimeout(this.stall);
    this.stall = undefined;
    this.tellRoom?.();
    this.tellRoom = undefined;
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.giveUp();
    done(error);
  }

  private giveUp(): void {
    clearInterval(this.heartbeat);
    this.source.unsubscribe();
    this._read();
  }

  private end(): void {
    clearInterval(this.heartbeat);
    if (!this.hasEnded) this.push(null);
    this.hasEnded = true;
  }
}
