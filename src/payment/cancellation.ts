import { EventEmitter } from 'node:events';

/**
 * Says once that something is not wanted any more, as an AbortSignal does; undici takes either. For what happens with every request: Node 20 makes an
 * AbortSignal by changing the prototype of another object, so that each has a hidden class of its own, slow to use and slow to collect.
 */
export class Cancellation extends EventEmitter<{ abort: [] }> {
  aborted = false;
  /** Undefined where nothing is to be said of it. */
  reason: Error | undefined;

  /** Only the first call counts. */
  abort(reason?: Error): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    this.emit('abort');
  }
}
