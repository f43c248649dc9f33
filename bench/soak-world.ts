import { setTimeout as delay } from 'node:timers/promises';
import { BlockRunStandIn } from '../sandbox/block-run-stand-in.js';
import { readBody, send, serveOnLoopback } from '../sandbox/loopback-server.js';
import { startWorld, type World } from '../sandbox/world.js';

/** Settlements that the seller may have under way before no further call is made. */
const MAX_SETTLING = 4;
const LOOK_EVERY_MS = 5;
const MAX_BODY_BYTES = 65_536;

export interface SoakWorld extends World {
  readonly till: TillGate;
}

/** The world with a gate between the seller and the facilitator. */
export async function startSoakWorld(walletMicroUsd: bigint, onProgress: (line: string) => void): Promise<SoakWorld> {
  const world = await startWorld({ walletMicroUsd, onProgress });
  const till = await TillGate.open(world.facilitatorUrl);
  const seller = await BlockRunStandIn.start({ facilitator: till.url });
  const stop = async () => {
    await seller.stop();
    await till.stop();
    await world.stop();
  };
  return { ...world, seller, treasury: seller.payTo, till, stop };
}

/**
 * Passes everything on to the facilitator, and knows how much of it is under way. A stream is settled after its client has all of it, so
 * clients that only wait for their answers would outrun the chain, and settlements would come when their authorizations have run out.
 */
export class TillGate {
  /** Why settlements failed: the seller has lost this money, and nobody can know it but from the chain. */
  readonly failures: string[] = [];
  private settling = 0;
  private server!: { readonly url: string; stop(): Promise<void> };

  private constructor(private readonly facilitatorUrl: string) {}

  static async open(facilitatorUrl: string): Promise<TillGate> {
    const gate = new TillGate(facilitatorUrl);
    gate.server = await serveOnLoopback(async (request, response) => {
      const body = await readBody(request, MAX_BODY_BYTES);
      const answer = request.url === '/settle' ? await gate.settle(body) : await gate.pass(request.url ?? '', body);
      send(response, 200, answer, { 'content-type': 'application/json' });
    });
    return gate;
  }

  get url(): string {
    return this.server.url;
  }

  /** Resolves when the seller may be given more to settle. */
  async hasRoom(): Promise<void> {
    while (this.settling > MAX_SETTLING) await delay(LOOK_EVERY_MS);
  }

  stop(): Promise<void> {
    return this.server.stop();
  }

  private async settle(body: Buffer): Promise<string> {
    this.settling += 1;
    try {
      const answer = await this.pass('/settle', body);
      const { success, errorReason = 'no reason' } = JSON.parse(answer) as { success?: boolean; errorReason?: string };
      if (success !== true) this.failures.push(errorReason);
      return answer;
    } catch (error) {
      this.failures.push(String(error));
      throw error;
    } finally {
      this.settling -= 1;
    }
  }

  private async pass(path: string, body: Buffer): Promise<string> {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(this.facilitatorUrl + path, { method: 'POST', headers, body });
    if (!response.ok) throw new Error(`The facilitator answered ${response.status}`);
    return response.text();
  }
}
