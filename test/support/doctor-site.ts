import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Test } from '@nestjs/testing';
import { freePort } from '../../sandbox/free-port.js';
import type { World } from '../../sandbox/world.js';
import { Configuration } from '../../src/configuration/configuration.js';
import { Checks, DoctorModule } from '../../src/doctor/doctor.module.js';
import { type Diagnosis, examine } from '../../src/doctor/examination.js';
import { secretsOf } from '../../src/doctor/secrets.js';
import { chatBody } from '../e2e/proxy.js';
import { ProxyProcess } from '../e2e/proxy-process.js';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

/** What the doctor has found. */
export class Examined {
  constructor(
    private readonly lines: readonly Diagnosis[],
    /** All that was shown. */
    readonly output: string,
    readonly code?: number | null,
  ) {}

  line(name: string): Diagnosis {
    return this.lines.find((line) => line.name === name) ?? { name, status: 'ok', says: 'there is no such line' };
  }

  /** The names of the lines that are not ok. */
  notOk(): string[] {
    return this.lines.flatMap(({ name, status }) => (status === 'ok' ? [] : [name]));
  }
}

/** A user's home directory with a wallet, and the books that a proxy left there which had made two paid calls. */
export class DoctorSite {
  private constructor(
    readonly home: string,
    readonly environment: Readonly<Record<string, string>>,
  ) {}

  static async after(world: World): Promise<DoctorSite> {
    const home = mkdtempSync(join(tmpdir(), 'doctor-'));
    const wallet = { privateKey: world.wallet.privateKey, address: world.wallet.address };
    writeFileSync(join(home, 'wallet.json'), JSON.stringify(wallet), { mode: 0o600 });
    const site = new DoctorSite(home, {
      PORT: String(await freePort()),
      BLOCKRUN_CHAT_URL: world.seller.chatUrl,
      BLOCKRUN_RPC_URL: world.chain?.rpcUrl ?? '',
      ...placesIn(home),
    });
    const proxy = site.startProxy();
    const url = await proxy.listening();
    for (let call = 1; call <= 2; call += 1) await post(url);
    proxy.kill('SIGTERM');
    await proxy.ended();
    return site;
  }

  /** The same in another directory, to be broken. */
  copy(): DoctorSite {
    const home = mkdtempSync(join(tmpdir(), 'doctor-'));
    cpSync(this.home, home, { recursive: true });
    return new DoctorSite(home, { ...this.environment, ...placesIn(home) });
  }

  file(name: string): string {
    return join(this.home, name);
  }

  startProxy(more: Record<string, string> = {}): ProxyProcess {
    return new ProxyProcess(this.home, { ...this.environment, ...more });
  }

  /** The real command, as a process of its own, with `--json`. */
  async command(more: Record<string, string> = {}): Promise<Examined> {
    const { code, output } = await this.run(['--json'], more);
    return new Examined((JSON.parse(output) as { checks: Diagnosis[] }).checks, output, code);
  }

  async run(words: readonly string[], more: Record<string, string> = {}): Promise<{ code: number | null; output: string }> {
    const env = { PATH: process.env.PATH, HOME: this.home, ...this.environment, ...more };
    const child = spawn(process.execPath, [MAIN, 'doctor', ...words], { cwd: this.home, env, stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.on('data', (part: Buffer) => (output += part.toString()));
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, output };
  }

  /** The same checks in this process, which saves the second that a process takes to start. */
  async examine(more: Record<string, string> = {}): Promise<Examined> {
    const configuration = new Configuration({ ...this.environment, ...more }, { createsLedger: false });
    const settings = {
      module: class {},
      global: true,
      providers: [{ provide: Configuration, useValue: configuration }],
      exports: [Configuration],
    };
    const module = await Test.createTestingModule({ imports: [settings, DoctorModule] }).compile();
    try {
      const found = await examine(module.get<Checks>(Checks), { withinMs: 30_000, secrets: secretsOf(configuration) });
      return new Examined(found, JSON.stringify(found));
    } finally {
      await module.close();
    }
  }

  /** What lies in the home directory, byte for byte; SQLite's own notes about readers (`-shm`) are left out. */
  contents(): Record<string, string> {
    const names = readdirSync(this.home, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const files = names.map(({ parentPath, name }) => join(parentPath, name)).filter((path) => !path.endsWith('-shm'));
    return Object.fromEntries(files.map((path) => [path, createHash('sha256').update(readFileSync(path)).digest('hex')]));
  }

  remove(): void {
    rmSync(this.home, { recursive: true, force: true });
  }
}

export async function post(url: string): Promise<Response> {
  const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(chatBody()) };
  const answer = await fetch(`${url}/v1/chat/completions`, init);
  await answer.arrayBuffer();
  return answer;
}

function placesIn(home: string): Record<string, string> {
  return {
    BLOCKRUN_WALLET_FILE: join(home, 'wallet.json'),
    BLOCKRUN_LEDGER_FILE: join(home, 'state', 'ledger.json'),
    BLOCKRUN_AUDIT_LOG: join(home, 'state', 'audit.jsonl'),
  };
}
