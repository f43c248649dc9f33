import type { Clock } from '../../src/clock/clock.js';

/** A clock that stands still until a test turns it. */
export class FakeClock implements Clock {
  private instant: number;

  constructor(start = '2026-06-06T15:00:00.000Z') {
    this.instant = Date.parse(start);
  }

  now(): Date {
    return new Date(this.instant);
  }

  turnTo(iso: string): void {
    this.instant = Date.parse(iso);
  }

  advanceMs(ms: number): void {
    this.instant += ms;
  }
}
