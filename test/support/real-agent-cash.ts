import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { programIn } from '../../src/payment/agentcash/agent-cash-program.js';
import { AgentCashHome } from './agent-cash-home.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const MAIN = join(ROOT, 'dist', 'main.js');
/** Kept from one run to the next: an install is 230 MB. */
const CACHE = join(ROOT, 'node_modules', '.cache', 'blockrun-openclaw-proxy');
const STUB = fileURLToPath(new URL('./stub-balance-service.mjs', import.meta.url));

/** The program of the real AgentCash, installed by the proxy's own command; or why it cannot be had here. */
export function installRealAgentCash(): { program: string } | { missing: string } {
  if (!existsSync(MAIN)) throw new Error(`${MAIN} is missing: run "npm run build" first`);
  const nowhere = join(CACHE, 'no-home');
  const env = {
    ...process.env,
    BLOCKRUN_LEDGER_FILE: join(CACHE, 'ledger.json'),
    BLOCKRUN_WALLET_FILE: join(nowhere, '.agentcash', 'wallet.json'),
    X402_PRIVATE_KEY: '',
    BLOCKRUN_AGENTCASH: '',
  };
  mkdirSync(CACHE, { recursive: true });
  const { status, stderr } = spawnSync(process.execPath, [MAIN, 'setup', 'agentcash', '--no-check'], { cwd: CACHE, env, encoding: 'utf8' });
  const program = programIn(join(CACHE, 'agentcash'));
  return status === 0 ? { program } : { missing: stderr.trim() };
}

/** What the stub of AgentCash's balance service is to answer. */
export type Balance = number | 'error' | 'unreachable' | 'hang';

/** A home directory from which the real AgentCash runs, with the service that it asks for the balance answered on the spot. */
export class RealAgentCashHome extends AgentCashHome {
  readonly program = join(this.directory.path, 'agentcash.mjs');

  constructor(real: string, privateKey: `0x${string}`) {
    super();
    this.putWallet(privateKey);
    this.haveBalance(5);
    writeFileSync(this.program, `await import(${JSON.stringify(STUB)});\nawait import(${JSON.stringify(real)});\n`);
  }

  haveBalance(balance: Balance): void {
    writeFileSync(join(this.directory.path, 'balance.json'), JSON.stringify(balance));
  }

  /** Where what it asks of Solana's public node goes. */
  haveSolanaNode(url: string): void {
    writeFileSync(join(this.directory.path, 'solana-node.txt'), url);
  }

  /** Of every process that was started, in their order. */
  override started(): number[] {
    const file = join(this.directory.path, 'started.txt');
    return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n').map(Number) : [];
  }

  get environment(): Record<string, string> {
    return { BLOCKRUN_PAYER: 'agentcash', BLOCKRUN_AGENTCASH: this.program, BLOCKRUN_WALLET_FILE: this.walletFile, X402_PRIVATE_KEY: '' };
  }

  loseWallet(): void {
    rmSync(this.walletFile);
  }
}
