import { connect, createServer, type Server, type Socket } from 'node:net';

/** When a relay cuts a connection: before the commit reaches the server, or after, so that its answer is lost. */
export type Cut = 'before-commit' | 'after-commit';

/** Stands between a ledger and its PostgreSQL server, and cuts the line at a commit when told to. */
export class CuttingRelay {
  cut: Cut | undefined;
  /** How many commits have been cut. */
  cuts = 0;
  /** Whether whoever connects is cut off at once. */
  isDown = false;
  /** Whether nobody gets through any more after the next cut. */
  goesDown = false;
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    private readonly target: URL,
  ) {
    server.on('connection', (client) => this.relay(client));
  }

  static async to(url: string): Promise<CuttingRelay> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new CuttingRelay(server, new URL(url));
  }

  /** The URL of the database by way of the relay. */
  get url(): string {
    const address = this.server.address();
    const url = new URL(this.target);
    url.port = typeof address === 'object' && address !== null ? String(address.port) : '';
    return url.href;
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private relay(client: Socket): void {
    client.on('error', () => undefined);
    if (this.isDown) return void client.destroy();
    const upstream = connect(Number(this.target.port), this.target.hostname);
    let unheard: Buffer | undefined;
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      this.sockets.add(one);
      one.on('error', () => undefined);
      one.on('close', () => {
        this.sockets.delete(one);
        other.destroy();
      });
    }
    client.on('data', (bytes) => {
      const cut = this.cut;
      if (cut === undefined || !bytes.includes('commit\0')) return void upstream.write(bytes);
      this.cut = undefined;
      this.cuts += 1;
      this.isDown = this.goesDown;
      if (cut === 'before-commit') return void client.destroy();
      unheard = Buffer.alloc(0);
      upstream.write(bytes);
    });
    upstream.on('data', (bytes) => {
      if (unheard === undefined) return void client.write(bytes);
      unheard = Buffer.concat([unheard, bytes]); // what was sent ahead of the commit is answered first
      if (unheard.includes('COMMIT\0') || unheard.includes('ROLLBACK\0')) client.destroy();
    });
  }
}
