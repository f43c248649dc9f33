import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { spawnBound, type BoundProcess } from '../sandbox/bound-process.js';
import { PROXY_FLAGS } from '../sandbox/proxy-flags.js';
import { memoryMib } from './process-figures.js';

const START_TIMEOUT_MS = 60_000;
/** A stop lets running answers end, which the proxy bounds itself; more than its own bounds is a hang. */
const STOP_GRACE_MS = 90_000;
const COMPLAINTS = ['warn', 'error', 'fatal'];
const MAX_KINDS_OF_LINES = 200;

/** One of the two proxies: a real process, started again after each kill on the same state, on whatever port is free. */
export class SoakProxy {
  /** Of the newest process; it refuses connections while that is dead. */
  url = '';
  /** Highest resident memory of any of its processes. */
  peakMib = 0;
  slowestStartMs = 0;
  /** When the newest process was killed, by `performance.now()`. */
  killedAt = -Infinity;
  /** Warnings and errors that it logged: numbers and ids are left out, so that like ones are counted together. */
  readonly complaints = new Map<string, number>();
  /** How often a process ended that nobody had told to. */
  deaths = 0;
  private bound: BoundProcess | undefined;
  private isStopping = false;

  constructor(private readonly environment: Readonly<Record<string, string>>) {}

  async start(): Promise<void> {
    if (this.isStopping) return;
    const startedAt = performance.now();
    const program = fileURLToPath(new URL('../main.js', import.meta.url));
    this.bound = spawnBound(process.execPath, [...PROXY_FLAGS, program], {
      cwd: this.environment['HOME'] ?? '.',
      env: { PATH: process.env['PATH'], PORT: '0', ...this.environment },
    });
    this.watch(this.bound);
    this.url = await this.listening(this.bound);
    this.slowestStartMs = Math.max(this.slowestStartMs, performance.now() - startedAt);
  }

  /** Kills it as a power cut would, whatever it is doing; resolves when it is gone. */
  async kill(): Promise<void> {
    const child = this.bound?.child;
    if (child === undefined || hasEnded(child) || this.isStopping) return;
    this.samplePeak();
    const gone = once(child, 'close');
    this.killedAt = performance.now();
    child.kill('SIGKILL');
    await gone;
  }

  /** A start that does not come to its end. */
  async startAndDie(afterMs: number): Promise<void> {
    const started = this.start().catch(() => undefined);
    await delay(afterMs);
    await this.kill();
    await started;
  }

  /** Asks it to stop, and waits until it has. Returns how long that took. */
  async stop(): Promise<number> {
    this.isStopping = true;
    this.samplePeak();
    const startedAt = performance.now();
    await this.bound?.stop(STOP_GRACE_MS);
    return performance.now() - startedAt;
  }

  private watch({ child }: BoundProcess): void {
    const startedAt = performance.now();
    child.once('close', (code, signal) => {
      if (this.isStopping || this.killedAt > startedAt) return;
      this.deaths += 1;
      this.note(`The process ended by itself (${code ?? signal})`);
    });
  }

  private samplePeak(): void {
    const mib = memoryMib(this.bound?.child.pid ?? 0, 'VmHWM');
    if (mib > this.peakMib) this.peakMib = mib;
  }

  private listening({ child }: BoundProcess): Promise<string> {
    const { stdout, stderr } = child;
    if (stdout === null || stderr === null) throw new Error('The proxy was started without its pipes');
    let impatience: NodeJS.Timeout | undefined;
    return new Promise<string>((resolve, reject) => {
      const fail = (why: string) => reject(new Error(`The proxy ${why}:\n${[...this.complaints.keys()].slice(-5).join('\n')}`));
      impatience = setTimeout(() => fail('did not start in time'), START_TIMEOUT_MS);
      const read = (line: string) => {
        this.note(line);
        const url = /listening on (http:\/\/[\d.]+:\d+)/.exec(line)?.[1];
        if (url !== undefined) resolve(url);
      };
      // Read to the end of the process: an undrained pipe would stop it.
      createInterface({ input: stdout }).on('line', read);
      createInterface({ input: stderr }).on('line', read);
      child.once('close', () => fail('ended while it started'));
    }).finally(() => clearTimeout(impatience));
  }

  private note(line: string): void {
    const { level = 'fatal', msg = line, err } = logLineOf(line);
    if (!COMPLAINTS.includes(level)) return;
    const words = `${msg} ${err?.message ?? ''}`.replace(/0x[0-9a-f]+|[0-9a-f]{8}-[0-9a-f-]{27}|\d+/gi, '#').trim();
    if (this.complaints.size < MAX_KINDS_OF_LINES || this.complaints.has(words)) {
      this.complaints.set(words, (this.complaints.get(words) ?? 0) + 1);
    }
  }
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

interface LogLine {
  readonly level?: string;
  readonly msg?: string;
  readonly err?: { readonly message?: string };
}

/** What is not one of its JSON lines (a crash of Node, say) counts as a complaint as it stands. */
function logLineOf(line: string): LogLine {
  try {
    return JSON.parse(line) as LogLine;
  } catch {
    return {};
  }
}
