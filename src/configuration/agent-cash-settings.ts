import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { childEnvironment, npmEnvironment } from './child-environment.js';

/** Where AgentCash is, and what it may have of our environment. */
export interface AgentCashSettings {
  /** A path that the operator named. */
  readonly program: string | undefined;
  /** Where `setup agentcash` installs it. */
  readonly prefix: string;
  /** The home directory in which it finds its wallet: it takes no other path. */
  readonly home: string;
  /** Its other wallet, in the same place. */
  readonly solanaWalletFile: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly npmEnvironment: Readonly<Record<string, string>>;
}

const WALLET = join('.agentcash', 'wallet.json');

export function isAgentCashWallet(path: string): boolean {
  return resolve(path).endsWith(join('/', WALLET));
}

export function agentCashSettings(
  variables: Record<string, unknown>,
  { program, stateDirectory, walletFile }: { program: string | undefined; stateDirectory: string; walletFile: string },
): AgentCashSettings {
  const home = isAgentCashWallet(walletFile) ? dirname(dirname(walletFile)) : homedir();
  return {
    program,
    prefix: join(stateDirectory, 'agentcash'),
    home,
    solanaWalletFile: join(home, '.agentcash', 'solana-wallet.json'),
    environment: childEnvironment(variables),
    npmEnvironment: npmEnvironment(variables),
  };
}
