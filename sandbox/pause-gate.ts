import type { ServerResponse } from 'node:http';
import { closed } from './loopback-server.js';

/** Where answers wait that were told to pause, until a test lets them go on or their caller leaves. */
export class PauseGate {
  private readonly waiting = new Set<() => void>();

  open(): void {
    for (const release of this.waiting) release();
    this.waiting.clear();
  }

  async wait(response: ServerResponse): Promise<void> {
    const opened = new Promise<void>((resolve) => this.waiting.add(resolve));
    await Promise.race([opened, closed(response)]);
  }
}
