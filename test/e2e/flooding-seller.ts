import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export const FLOOD_BYTES = 96 * 1024 * 1024;
const EVENT_BYTES = 64 * 1024;

/** A free seller that streams as much as it can get rid of, to see who holds it back. */
export class FloodingSeller {
  writtenBytes = 0;

  private constructor(private readonly server: Server) {}

  static async start(): Promise<FloodingSeller> {
    const seller: FloodingSeller = new FloodingSeller(
      createServer((request, response) => void request.resume().on('end', () => void seller.flood(response))),
    );
    await new Promise<void>((resolve) => seller.server.listen(0, '127.0.0.1', resolve));
    return seller;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/`;
  }

  /** Resolves when nothing more could be written for a while. */
  async stalled(): Promise<void> {
    for (let last = -1; last !== this.writtenBytes;) {
      last = this.writtenBytes;
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
  }

  async stop(): Promise<void> {
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async flood(response: ServerResponse): Promise<void> {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const event = (content: string, finish: string | null) =>
      `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content }, finish_reason: finish }] })}\n\n`;
    const flood = event('x'.repeat(EVENT_BYTES), null);
    while (this.writtenBytes < FLOOD_BYTES) {
      this.writtenBytes += flood.length;
      if (!response.write(flood)) await new Promise((resolve) => response.once('drain', resolve));
    }
    response.end(`${event('', 'stop')}data: [DONE]\n\n`);
  }
}
