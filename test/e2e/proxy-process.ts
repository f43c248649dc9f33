import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { until } from '../support/until.js';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

/** The built proxy as a process of its own, with nothing of this process' environment but what is given. */
export class ProxyProcess {
  output = '';
  errors = '';
  private readonly child: ChildProcess;

  constructor(directory: string, environment: Record<string, string>) {
    if (!existsSync(MAIN)) throw new Error(`${MAIN} is missing: run "npm run build" first`);
    const env = { PATH: process.env.PATH, HOME: directory, PORT: '0', ...environment };
    this.child = spawn(process.execPath, [MAIN], { cwd: directory, env });
    this.child.stdout?.on('data', (part: Buffer) => (this.output += part.toString()));
    this.child.stderr?.on('data', (part: Buffer) => (this.errors += part.toString()));
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** The base URL, once it listens. */
  async listening(): Promise<string> {
    await until(() => /listening on (http\S+?)"/.test(this.output) || this.child.exitCode !== null, 'the proxy to listen', {
      withinMs: 60_000,
    });
    const [, url] = /listening on (http\S+?)"/.exec(this.output) ?? [];
    if (url === undefined) throw new Error(`the proxy did not start: ${this.errors}`);
    return url;
  }

  /** The exit code, or the signal that ended it. */
  async ended(): Promise<number | string | null> {
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, 'exit');
    return this.child.exitCode ?? this.child.signalCode;
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }
}
