import { homedir, hostname } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { validateSync } from 'class-validator';
import { type CrashPoint, isCrashPoint } from '../crash/crash-points.js';
import { type MicroUsd, parseUsd } from '../money/micro-usd.js';
import { comparable, type PaymentNetwork, USDC } from '../money/usdc.js';
import { type AgentCashSettings, agentCashSettings } from './agent-cash-settings.js';
import type { Client } from './client.js';
import { readClientsFile } from './clients-file.js';
import { ConfigurationError } from './configuration-error.js';
import {
  Environment,
  isAddressList,
  isLoopback,
  type LogLevel,
  postgresUrlOf,
  sqlitePathOf,
  VARIABLES,
  withoutProviderPrefix,
} from './environment.js';
import { Secret } from './secret.js';
import { type Supervision, supervisionOf } from './supervision.js';

/** What the configuration is read for. */
export interface ConfigurationUse {
  /** Only the proxy itself makes a ledger where there is none; a command that did would hide that it looks in the wrong place. */
  createsLedger: boolean;
}

/** A ledger on a server. */
export interface SharedLedger {
  url: Secret<string>;
  /** How this machine is called on it. */
  machine: string;
}

/** The settings of one running proxy, validated and in the units of the code. Read once at the start, never changed. */
export class Configuration {
  readonly port: number;
  readonly host: string;
  readonly chatUrl: URL;
  readonly dryRun: boolean;
  /** Ids and patterns with one `*`, without a provider prefix. Undefined: the models of `config/models.json`. */
  readonly models: readonly string[] | undefined;
  /** The seller's list of models, as it was last got. */
  readonly modelListFile: string;
  readonly dailyCapMicroUsd: MicroUsd;
  readonly maxPerRequestMicroUsd: MicroUsd;
  /** How many times what a request should cost by the model's list price may be asked. */
  readonly maxPriceFactor: bigint;
  /** Undefined: without such a limit. */
  readonly maxRequestsPerMinute: bigint | undefined;
  readonly maxPerMinuteMicroUsd: MicroUsd | undefined;
  readonly maxConcurrent: bigint | undefined;
  /** Those that the operator has named. */
  readonly clients: readonly Client[];
  /** Nothing is paid while it is there. */
  readonly pauseFile: string;
  readonly auditFile: string;
  /** A line that would make the audit file larger begins a new one. */
  readonly auditMaxBytes: number;
  readonly summaryFile: string;
  readonly ledgerFile: string;
  /** How this machine is called on a ledger that several share. */
  readonly machine: string;
  /** Such a ledger; undefined: the ledger file. */
  readonly sharedLedger: SharedLedger | undefined;
  readonly createsLedger: boolean;
  readonly timeoutMs: number;
  /** For the whole of the seller's answer, however steadily its bytes come. */
  readonly maxAnswerMs: number;
  readonly holdWaitMs: number;
  /** How long after its end a paid answer is given again to who asks the same; 0: never, and nobody shares one that comes either. */
  readonly replayWindowMs: number;
  /** Who signs: this process, or AgentCash. */
  readonly payer: 'x402' | 'agentcash';
  readonly agentCash: AgentCashSettings;
  readonly privateKey: Secret<`0x${string}`> | undefined;
  readonly walletFile: string;
  /** Whether systemd hands it over, with rights of its own kind. */
  readonly isWalletCredential: boolean;
  /** The network that is paid on. */
  readonly paymentNetwork: PaymentNetwork;
  /** Addresses as `comparable` has them; undefined: the payee that was pinned on first use. */
  readonly payees: readonly string[] | undefined;
  readonly token: Secret<string> | undefined;
  /** A Base node to ask what became of payments; its URL may hold a key. */
  readonly rpcUrl: Secret<URL> | undefined;
  /** The same for Solana, where it also says after which block a payment is made: always there while Solana is paid on. */
  readonly solanaRpcUrl: Secret<URL> | undefined;
  readonly supervision: Supervision;
  /** Variables that are named like settings and are none: a slip of the pen leaves a default in force. */
  readonly unknownVariables: readonly string[];
  /** The least that is logged. */
  readonly logLevel: LogLevel;
  /** For people, or for programs. */
  readonly logFormat: 'pretty' | 'json';
  /** For tests: where the process is to die. */
  readonly crash: { point: CrashPoint; passes: number } | undefined;

  /** @throws ConfigurationError with every problem that the environment has. */
  constructor(variables: Record<string, unknown>, { createsLedger }: ConfigurationUse = { createsLedger: true }) {
    const text = textOf(variables);
    const { clients, problems: problemsOfClients } = readClientsFile(text.BLOCKRUN_CLIENTS_FILE);
    const problems = [...problemsOf(text), ...problemsOfClients.map((problem) => `BLOCKRUN_CLIENTS_FILE ${problem}`)];
    if (problems.length > 0) throw new ConfigurationError(problems);
    const state = join(homedir(), '.openclaw', 'blockrun-proxy');
    this.port = Number(text.PORT ?? 8787);
    this.host = text.HOST ?? '127.0.0.1';
    this.paymentNetwork = networkOf(text);
    this.chatUrl = new URL(text.BLOCKRUN_CHAT_URL ?? CHAT_URLS[this.paymentNetwork]);
    this.dryRun = text.BLOCKRUN_DRY_RUN === '1';
    this.models = listOf(text.BLOCKRUN_MODELS)?.map(withoutProviderPrefix);
    this.dailyCapMicroUsd = amountOf(text.BLOCKRUN_DAILY_BUDGET_USD ?? '1.00');
    this.maxPerRequestMicroUsd = amountOf(text.BLOCKRUN_MAX_USD_PER_REQUEST ?? '0.05');
    this.maxPriceFactor = BigInt(text.BLOCKRUN_MAX_PRICE_FACTOR ?? 5);
    this.maxRequestsPerMinute = countOf(text.BLOCKRUN_MAX_REQUESTS_PER_MINUTE);
    this.maxPerMinuteMicroUsd = text.BLOCKRUN_MAX_USD_PER_MINUTE === undefined ? undefined : amountOf(text.BLOCKRUN_MAX_USD_PER_MINUTE);
    this.maxConcurrent = countOf(text.BLOCKRUN_MAX_CONCURRENT);
    this.clients = clients;
    this.auditFile = resolve(text.BLOCKRUN_AUDIT_LOG ?? join(state, 'audit.jsonl'));
    this.auditMaxBytes = Number(text.BLOCKRUN_AUDIT_MAX_MB ?? 64) * 1024 * 1024;
    this.summaryFile = resolve(text.BLOCKRUN_LEDGER_FILE ?? join(state, 'ledger.json'));
    this.pauseFile = join(dirname(this.summaryFile), 'PAUSE');
    this.modelListFile = join(dirname(this.summaryFile), 'seller-models.json');
    this.ledgerFile = sqlitePathOf(text.BLOCKRUN_LEDGER_URL ?? '') ?? join(dirname(this.summaryFile), 'ledger.sqlite');
    this.machine = text.BLOCKRUN_MACHINE ?? hostname();
    this.sharedLedger = sharedLedgerOf(text.BLOCKRUN_LEDGER_URL ?? '', this.machine);
    this.createsLedger = createsLedger;
    this.timeoutMs = Number(text.BLOCKRUN_TIMEOUT_MS ?? 180_000);
    this.maxAnswerMs = Number(text.BLOCKRUN_MAX_ANSWER_MS ?? 1_800_000);
    this.holdWaitMs = Number(text.BLOCKRUN_HOLD_WAIT_MS ?? 2000);
    this.replayWindowMs = Number(text.BLOCKRUN_REPLAY_WINDOW_MS ?? 30_000);
    this.privateKey = secretOf(text.X402_PRIVATE_KEY as `0x${string}` | undefined);
    this.walletFile = resolve(text.BLOCKRUN_WALLET_FILE ?? join(homedir(), '.agentcash', 'wallet.json'));
    this.payer = text.BLOCKRUN_PAYER === 'agentcash' ? 'agentcash' : 'x402';
    this.agentCash = agentCashSettings(variables, {
      program: text.BLOCKRUN_AGENTCASH,
      stateDirectory: dirname(this.summaryFile),
      walletFile: this.walletFile,
    });
    this.isWalletCredential = dirname(this.walletFile) === variables['CREDENTIALS_DIRECTORY'];
    this.payees = listOf(text.BLOCKRUN_PAY_TO)?.map(comparable);
    this.token = secretOf(text.BLOCKRUN_PROXY_TOKEN);
    this.supervision = supervisionOf(text, process.pid);
    this.unknownVariables = Object.keys(variables).filter((name) => name.startsWith('BLOCKRUN_') && !VARIABLES.has(name));
    this.logLevel = (text.BLOCKRUN_LOG_LEVEL ?? 'info') as LogLevel;
    this.logFormat = (text.BLOCKRUN_LOG_FORMAT ?? (process.stdout.isTTY ? 'pretty' : 'json')) as Configuration['logFormat'];
    this.crash = crashOf(text.BLOCKRUN_TEST_CRASH_AT);
    this.rpcUrl = secretOf(text.BLOCKRUN_RPC_URL && new URL(text.BLOCKRUN_RPC_URL));
    this.solanaRpcUrl = secretOf(solanaRpcOf(text));
  }
}

/** BlockRun has a host for each network. */
const CHAT_URLS: Record<PaymentNetwork, string> = {
  base: 'https://blockrun.ai/api/v1/chat/completions',
  solana: 'https://sol.blockrun.ai/api/v1/chat/completions',
};
/** The public one, which AgentCash uses, too. */
const SOLANA_RPC_URL = 'https://api.mainnet-beta.solana.com';

function networkOf({ BLOCKRUN_PAYMENT_NETWORK: name }: Environment): PaymentNetwork {
  return name === 'solana' || name === USDC.solana.network ? 'solana' : 'base';
}

/** Nothing can be signed on Solana without a recent block, so there is always a node where that is paid on. */
function solanaRpcOf(text: Environment): URL | undefined {
  const url = text.BLOCKRUN_SOLANA_RPC_URL ?? (networkOf(text) === 'solana' ? SOLANA_RPC_URL : undefined);
  return url === undefined ? undefined : new URL(url);
}

/** Empty variables count as unset: `FOO=` in an environment file means "the default". */
function textOf(variables: Record<string, unknown>): Environment {
  const environment = new Environment();
  for (const [name, value] of Object.entries(variables)) {
    if (typeof value === 'string' && value.trim() !== '') Object.assign(environment, { [name]: value.trim() });
  }
  return environment;
}

function problemsOf(text: Environment): string[] {
  const problems = validateSync(text).flatMap(({ property, constraints }) =>
    Object.values(constraints ?? {}).map((says) => `${property} ${says}`),
  );
  if (text.HOST && !isLoopback(text.HOST) && !text.BLOCKRUN_PROXY_TOKEN) {
    problems.push(
      `HOST ${text.HOST} is reachable from other machines: set BLOCKRUN_PROXY_TOKEN as the token that clients must send, or use 127.0.0.1`,
    );
  }
  return [...problems, ...networkProblems(text)];
}

function networkProblems(text: Environment): string[] {
  const network = networkOf(text);
  const { networkName, address } = USDC[network];
  const problems: string[] = [];
  if (network === 'solana' && text.BLOCKRUN_PAYER !== 'agentcash') {
    problems.push('BLOCKRUN_PAYMENT_NETWORK is Solana, where AgentCash signs: set BLOCKRUN_PAYER=agentcash');
  }
  if (isAddressList(text.BLOCKRUN_PAY_TO ?? '') && listOf(text.BLOCKRUN_PAY_TO)?.some((payee) => !address.test(payee))) {
    problems.push(`BLOCKRUN_PAY_TO must be addresses on ${networkName}, the network that is paid on (BLOCKRUN_PAYMENT_NETWORK)`);
  }
  return problems;
}

/** Where the ledger at a URL is, as its store is told. */
export function ledgerPlaceOf(url: string, machine: string): { ledgerFile: string; sharedLedger: SharedLedger | undefined } {
  return { ledgerFile: sqlitePathOf(url) ?? '', sharedLedger: sharedLedgerOf(url, machine) };
}

function sharedLedgerOf(url: string, machine: string): SharedLedger | undefined {
  return postgresUrlOf(url) ? { url: new Secret(url), machine } : undefined;
}

function secretOf<T>(value: T | '' | undefined): Secret<T> | undefined {
  return value === undefined || value === '' ? undefined : new Secret(value);
}

function listOf(text: string | undefined): readonly string[] | undefined {
  return text?.split(',').map((item) => item.trim());
}

function crashOf(text: string | undefined): { point: CrashPoint; passes: number } | undefined {
  const [point = '', passes = '0'] = text?.split(':') ?? [];
  return isCrashPoint(point) ? { point, passes: Number(passes) } : undefined;
}

function countOf(text: string | undefined): bigint | undefined {
  return text === undefined ? undefined : BigInt(text);
}

function amountOf(text: string): MicroUsd {
  const amount = parseUsd(text);
  if (amount === undefined) throw new ConfigurationError([`${text} is not an amount in USD`]);
  return amount;
}
