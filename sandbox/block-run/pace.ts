import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';
import type { ServerResponse } from 'node:http';
import { closed } from '../loopback-server.js';
import type { PauseGate } from '../pause-gate.js';
import type { Directions } from './order.js';

/** The time that the model takes: after each token, and at the token where it was told to pause. */
export class Pace {
  private tokens = 0;

  constructor(
    private readonly gate: PauseGate,
    private readonly directions: Directions,
    private readonly response: ServerResponse,
  ) {}

  async afterToken(): Promise<void> {
    this.tokens += 1;
    const { tokenDelayMs = 0, pauseAfterTokens } = this.directions;
    if (this.tokens === pauseAfterTokens) await this.gate.wait(this.response);
    // Even without a delay each token is a write of its own, as it is when a model makes them one by one.
    await (tokenDelayMs > 0 ? Promise.race([delay(tokenDelayMs), closed(this.response)]) : nextTurn());
  }

  /** For an answer that comes whole: the caller leaving does not stop the model, so only the time passes. */
  async wholeAnswer(tokens: number): Promise<void> {
    const { tokenDelayMs = 0, pauseAfterTokens } = this.directions;
    if (pauseAfterTokens !== undefined && pauseAfterTokens <= tokens) await this.gate.wait(this.response);
    if (tokenDelayMs > 0) await delay(tokenDelayMs * tokens);
  }
}
