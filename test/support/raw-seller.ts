import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

/** A seller that writes what it likes, byte by byte, once a request has come; HTTP or not. */
export class RawSeller {
  /** What came in, over all connections. */
  received = '';
  readonly sockets = new Set<Socket>();

  private constructor(private readonly server: Server) {}

  static async start(answer: (socket: Socket) => void): Promise<RawSeller> {
    const seller: RawSeller = new RawSeller(
      createServer((socket) => {
        seller.sockets.add(socket);
        socket.on('error', () => undefined);
        socket.once('close', () => seller.sockets.delete(socket));
        socket.on('data', (part) => (seller.received += part.toString('latin1')));
        socket.once('data', () => answer(socket));
      }),
    );
    await new Promise<void>((resolve) => seller.server.listen(0, '127.0.0.1', resolve));
    return seller;
  }

  get chatUrl(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/v1/chat/completions`;
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

/** Writes the text again and again, as fast as it is taken, until the other side has had enough. */
export function flood(socket: Socket, text: string | Buffer): void {
  const more = () => {
    while (!socket.destroyed && socket.write(text));
    if (!socket.destroyed) socket.once('drain', more);
  };
  more();
}
