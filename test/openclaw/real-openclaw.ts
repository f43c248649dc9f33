import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { openClawCommand } from './openclaw-cache.js';

export interface Ran {
  code: number;
  stdout: string;
  stderr: string;
}

/** What `openclaw agent exec --json` prints. */
export interface Turn {
  ok: boolean;
  status: string;
  final?: string;
  payloads?: { text?: string }[];
  usage?: Record<string, number>;
  costUsd?: number;
  assistantTurns?: number;
  toolSummary?: { calls: number; tools: string[] };
  error?: { message: string; kind: string };
}

/** The real OpenClaw, in a home of its own that has nothing of ours in it. Nothing of this process' environment reaches it but the PATH. */
export class RealOpenClaw {
  readonly home = mkdtempSync(join(tmpdir(), 'openclaw-home-'));

  get configFile(): string {
    return join(this.home, '.openclaw', 'openclaw.json');
  }

  config(): string {
    return readFileSync(this.configFile, 'utf8');
  }

  writeConfig(text: string): void {
    mkdirSync(dirname(this.configFile), { recursive: true, mode: 0o700 });
    writeFileSync(this.configFile, text, { mode: 0o600 });
  }

  run(words: readonly string[], environment: Record<string, string> = {}): Promise<Ran> {
    const { node, entry, path } = openClawCommand();
    const env = { PATH: path, HOME: this.home, NO_COLOR: '1', ...environment };
    return new Promise((resolve) => {
      execFile(node, [entry, ...words], { env, cwd: this.home, maxBuffer: 16 * 1024 * 1024 }, (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : -1, stdout, stderr });
      });
    });
  }

  /** One turn of an agent without a gateway. */
  async turn(message: string, options: readonly string[] = []): Promise<Turn> {
    const { stdout, stderr } = await this.run(['agent', 'exec', message, '--json', '--config', this.configFile, ...options]);
    try {
      return JSON.parse(stdout) as Turn;
    } catch {
      throw new Error(`openclaw printed no JSON: ${stdout}\n${stderr}`);
    }
  }

  remove(): void {
    rmSync(this.home, { recursive: true, force: true });
  }
}
