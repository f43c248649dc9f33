import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { privateKeyToAddress } from 'viem/accounts';
import { Configuration } from '../../src/configuration/configuration.js';
import { TEST_KEY } from './offers.js';
import { TemporaryDirectory } from './temporary-directory.js';

export const FAKE_AGENT_CASH = fileURLToPath(new URL('./fake-agent-cash.mjs', import.meta.url));

/** What the stand-in is to do; see there. */
export interface Behaviour {
  server?: 'up' | 'none' | 'hang' | 'other tools';
  /** Lets the late sign. */
  released?: true;
  fetch?:
    | undefined
    | 'sign'
    | 'die'
    | 'hang'
    | 'nothing'
    | 'permit'
    | 'garbage'
    | 'other key'
    | 'ask again'
    | 'twice'
    | 'then hang'
    | { changes?: Record<string, string>; domain?: Record<string, unknown>; late?: true; thenError?: object }
    | { error: object; unasked?: boolean };
}

interface Seen {
  pid: number;
  environment?: Record<string, string>;
  url?: string;
  challenge?: { accepts?: object[] };
  answered?: number;
  order?: { url: string; maxAmount: number; [name: string]: unknown };
  flags?: string[];
}

/** A home directory with a wallet in it, in which the stand-in does as it is told. */
export class AgentCashHome {
  readonly directory = new TemporaryDirectory();
  private forgotten = 0;
  readonly walletFile = join(this.directory.path, '.agentcash', 'wallet.json');

  constructor(behaviour: Behaviour = {}) {
    mkdirSync(join(this.directory.path, '.agentcash'));
    this.putWallet(TEST_KEY);
    this.behave(behaviour);
  }

  putWallet(privateKey: `0x${string}`): void {
    writeFileSync(this.walletFile, JSON.stringify({ privateKey, address: privateKeyToAddress(privateKey), createdAt: '2026-11-01' }));
    chmodSync(this.walletFile, 0o600);
  }

  /** The seed in base58, as AgentCash keeps it. */
  putSolanaWallet(privateKey: string, address = ''): void {
    const wallet = { privateKey, address, createdAt: '2026-11-01' };
    writeFileSync(join(this.directory.path, '.agentcash', 'solana-wallet.json'), JSON.stringify(wallet), { mode: 0o600 });
  }

  behave(behaviour: Behaviour): void {
    const file = join(this.directory.path, '.agentcash', 'behaviour.json');
    writeFileSync(`${file}.new`, JSON.stringify(behaviour));
    renameSync(`${file}.new`, file); // the stand-in may be reading it
  }

  /** What it has noted since the last `forget`. */
  seen(): Seen[] {
    return this.notes().slice(this.forgotten);
  }

  forget(): void {
    this.forgotten = this.notes().length;
  }

  private notes(): Seen[] {
    const file = join(this.directory.path, '.agentcash', 'seen.jsonl');
    const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : [];
    return lines.map((line) => JSON.parse(line) as Seen);
  }

  /** What the signing endpoint answered to what the stand-in sent to the paths that it was shown since the last `forget`. */
  answers(): number[] {
    const seen = this.seen();
    const shown = new Set(seen.flatMap(({ url, challenge }) => (challenge && url) ?? []));
    return seen.flatMap(({ url, answered }) => (url !== undefined && shown.has(url) ? (answered ?? []) : []));
  }

  /** Process ids of all that were started here, in their order. */
  started(): number[] {
    return this.notes().flatMap(({ pid, environment }) => (environment ? [pid] : []));
  }

  /** As the proxy has it where this home is the user's. */
  configuration(variables: Record<string, string> = {}): Configuration {
    return new Configuration({
      PATH: process.env.PATH,
      BLOCKRUN_PAYER: 'agentcash',
      BLOCKRUN_AGENTCASH: FAKE_AGENT_CASH,
      BLOCKRUN_WALLET_FILE: this.walletFile,
      BLOCKRUN_LEDGER_FILE: this.directory.file('ledger.json'),
      ...variables,
    });
  }

  remove(): void {
    rmSync(this.directory.path, { recursive: true, force: true });
  }
}
