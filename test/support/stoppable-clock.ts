import type { Clock } from '../../src/clock/clock.js';

/** The wall clock, by which wallets sign, until a test stops it and turns it by hand. */
export class StoppableClock implements Clock {
  private stoppedAt: number | undefined;

  now(): Date {
    return new Date(this.stoppedAt ?? Date.now());
  }

  stopAt(epochMs: number): void {
    this.stoppedAt = epochMs;
  }
}
