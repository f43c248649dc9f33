import { isIP } from 'node:net';
import { isAbsolute } from 'node:path';
import { getMetadataStorage, IsOptional, Matches, ValidateBy, type ValidationOptions } from 'class-validator';
import { isCrashPoint } from '../crash/crash-points.js';
import { parseUsd } from '../money/micro-usd.js';
import { USDC } from '../money/usdc.js';

/** Loopback names and addresses: what listens there is reached from this machine only. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[(.*)\]$/, '$1');
  return bare === 'localhost' || bare === '::1' || (isIP(bare) === 4 && bare.startsWith('127.'));
}

const rule = (name: string, holds: (text: string) => boolean, says: string) => (options?: ValidationOptions) =>
  ValidateBy(
    {
      name,
      validator: { validate: (value: unknown) => typeof value === 'string' && holds(value), defaultMessage: () => says },
    },
    options,
  );

const IsUsdAmount = rule(
  'isUsdAmount',
  (text) => (parseUsd(text) ?? 0n) > 0n,
  'must be a positive amount in USD with at most 6 decimal places, such as 0.05',
);
const IsWholeNumber = (from: number, to: number) =>
  rule(
    'isWholeNumber',
    (text) => /^\d{1,9}$/.test(text) && Number(text) >= from && Number(text) <= to,
    `must be a whole number from ${from} to ${to}`,
  )();
const IsHostName = rule('isHostName', (text) => /^[\w.:[\]-]+$/.test(text), 'must be a host name or an IP address');

function urlOf(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}
const IsSafeUrl = rule(
  'isSafeUrl',
  (text) => {
    const url = urlOf(text);
    if (!url || url.username || url.password) return false;
    return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname));
  },
  'must be an https URL without credentials (http is accepted on loopback only)',
);
/** The path of `sqlite:///path/to/file`; undefined when it is not such a URL. */
export function sqlitePathOf(text: string): string | undefined {
  const path = /^sqlite:\/\/(\/.+)$/.exec(text)?.[1];
  try {
    return path === undefined ? undefined : decodeURIComponent(path);
  } catch {
    return undefined; // a % that starts no escape
  }
}
/** The URL of a PostgreSQL database; undefined when it is not such a URL. */
export function postgresUrlOf(text: string): URL | undefined {
  const url = urlOf(text);
  const isPostgres = url?.protocol === 'postgres:' || url?.protocol === 'postgresql:';
  return isPostgres && url.hostname !== '' && url.pathname.length > 1 ? url : undefined;
}
/** What the driver knows; it takes all but the first two for `verify-full`. Any other word, or none, would mean no TLS or a surprise. */
const SSL_MODES = ['disable', 'no-verify', 'prefer', 'require', 'verify-ca', 'verify-full'];
/** Whether a ledger can be there: a file, or a server that is on this machine or reached in a way that the URL names. */
export function isLedgerUrl(text: string): boolean {
  const server = postgresUrlOf(text);
  if (!server) return sqlitePathOf(text) !== undefined;
  const mode = server.searchParams.get('sslmode');
  return mode === null ? isLoopback(server.hostname) : SSL_MODES.includes(mode);
}
const IsLedgerUrl = rule(
  'isLedgerUrl',
  isLedgerUrl,
  'must be sqlite:///path/to/file or postgres://user:password@host/database, with ?sslmode=verify-full for a server on another machine',
);
/** What OpenClaw users of the original wrote in front of their model ids. */
const PROVIDER_PREFIX = 'blockrun-x402/';
export function withoutProviderPrefix(id: string): string {
  return id.startsWith(PROVIDER_PREFIX) ? id.slice(PROVIDER_PREFIX.length) : id;
}
export function isModelId(text: string): boolean {
  return text.length <= 200 && /^[\w.:-]+(\/[\w.:-]+)+$/.test(text);
}
/** An id, or a pattern: a star stands for any text behind the provider, so that an allowlist always names its providers. */
function isModelEntry(text: string): boolean {
  const bare = withoutProviderPrefix(text);
  return isModelId(bare) || (/^[^*]+\/[^*]*\*[^*]*$/.test(bare) && isModelId(bare.replace('*', '-')));
}
const IsModelList = rule(
  'isModelList',
  (text) => text.split(',').every((entry) => isModelEntry(entry.trim())),
  'must be model ids separated by commas, such as openai/gpt-5.4-mini,google/* (one * an entry, behind the provider)',
);
/** Whether all are addresses on some network. */
export function isAddressList(text: string): boolean {
  return text.split(',').every((one) => Object.values(USDC).some(({ address }) => address.test(one.trim())));
}
const IsAddressList = rule(
  'isAddressList',
  isAddressList,
  'must be addresses separated by commas: 0x and 40 hex digits on Base, base58 on Solana',
);

const IsAbsolutePath = rule('isAbsolutePath', isAbsolute, 'must be an absolute path, such as /usr/local/bin/agentcash');

const IsCrash = rule(
  'isCrash',
  (text) => isCrashPoint(text.replace(/:\d{1,4}$/, '')),
  'is for tests: it must name a crash point, and may name how often that is passed first, such as hold-placed:2',
);

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];
const IsOneOf = (words: readonly string[]) => rule('isOneOf', (text) => words.includes(text), `must be one of ${words.join(', ')}`)();

/** The environment as text, one property a variable. Empty values count as unset. Its meaning: `Configuration`. */
export class Environment {
  @IsOptional() @IsWholeNumber(0, 65535) PORT?: string;
  @IsOptional() @IsHostName() HOST?: string;
  @IsOptional() @IsSafeUrl() BLOCKRUN_CHAT_URL?: string;
  @IsOptional() @Matches(/^[01]$/, { message: 'must be 1 or 0' }) BLOCKRUN_DRY_RUN?: string;
  @IsOptional() @IsModelList() BLOCKRUN_MODELS?: string;
  @IsOptional() @IsUsdAmount() BLOCKRUN_DAILY_BUDGET_USD?: string;
  @IsOptional() @IsUsdAmount() BLOCKRUN_MAX_USD_PER_REQUEST?: string;
  @IsOptional() @IsWholeNumber(1, 1000) BLOCKRUN_MAX_PRICE_FACTOR?: string;
  @IsOptional() @IsUsdAmount() BLOCKRUN_UNKNOWN_COST_USD?: string;
  @IsOptional() @IsWholeNumber(1, 1_000_000) BLOCKRUN_MAX_REQUESTS_PER_MINUTE?: string;
  @IsOptional() @IsUsdAmount() BLOCKRUN_MAX_USD_PER_MINUTE?: string;
  @IsOptional() @IsWholeNumber(1, 10_000) BLOCKRUN_MAX_CONCURRENT?: string;
  @IsOptional() BLOCKRUN_CLIENTS_FILE?: string;
  @IsOptional()
  @IsOneOf(['base', 'solana', ...Object.values(USDC).map(({ network }) => network)])
  BLOCKRUN_PAYMENT_NETWORK?: string;
  @IsOptional() BLOCKRUN_AUDIT_LOG?: string;
  @IsOptional() @IsWholeNumber(1, 4096) BLOCKRUN_AUDIT_MAX_MB?: string;
  @IsOptional() BLOCKRUN_LEDGER_FILE?: string;
  @IsOptional() @IsWholeNumber(1000, 900_000) BLOCKRUN_TIMEOUT_MS?: string;
  @IsOptional() @IsWholeNumber(1000, 7_200_000) BLOCKRUN_MAX_ANSWER_MS?: string;
  @IsOptional() @IsWholeNumber(0, 60_000) BLOCKRUN_HOLD_WAIT_MS?: string;
  @IsOptional() @IsWholeNumber(0, 3_600_000) BLOCKRUN_REPLAY_WINDOW_MS?: string;
  @IsOptional()
  @Matches(/^(x402|agentcash)$/, { message: 'must be x402 or agentcash' })
  BLOCKRUN_PAYER?: string;
  @IsOptional() @IsAbsolutePath() BLOCKRUN_AGENTCASH?: string;
  @IsOptional()
  @Matches(/^0x[0-9a-fA-F]{64}$/, { message: 'must be a private key of 64 hex digits with a leading 0x' })
  X402_PRIVATE_KEY?: string;
  @IsOptional() BLOCKRUN_WALLET_FILE?: string;
  @IsOptional() @IsLedgerUrl() BLOCKRUN_LEDGER_URL?: string;
  @IsOptional()
  @Matches(/^[\w.-]{1,63}$/, { message: 'must be 1 to 63 letters, digits, dots, dashes and underscores' })
  BLOCKRUN_MACHINE?: string;
  @IsOptional() @IsAddressList() BLOCKRUN_PAY_TO?: string;
  @IsOptional() @IsSafeUrl() BLOCKRUN_RPC_URL?: string;
  @IsOptional() @IsSafeUrl() BLOCKRUN_SOLANA_RPC_URL?: string;
  @IsOptional()
  @Matches(/^[\x21-\x7e]{16,512}$/, { message: 'must be 16 to 512 printable characters without spaces' })
  BLOCKRUN_PROXY_TOKEN?: string;
  @IsOptional() @IsOneOf(LOG_LEVELS) BLOCKRUN_LOG_LEVEL?: string;
  @IsOptional() @IsOneOf(['pretty', 'json']) BLOCKRUN_LOG_FORMAT?: string;
  @IsOptional() @IsCrash() BLOCKRUN_TEST_CRASH_AT?: string;
  @IsOptional() NOTIFY_SOCKET?: string;
  @IsOptional() @IsWholeNumber(0, 999_999_999) WATCHDOG_USEC?: string;
  @IsOptional() @IsWholeNumber(1, 999_999_999) WATCHDOG_PID?: string;
  @IsOptional() @IsWholeNumber(1, 999_999_999) LISTEN_PID?: string;
  @IsOptional() @IsWholeNumber(0, 99) LISTEN_FDS?: string;
}

/** The variables that are read. */
export const VARIABLES: ReadonlySet<string> = new Set(
  getMetadataStorage()
    .getTargetValidationMetadatas(Environment, '', false, false)
    .map(({ propertyName }) => propertyName),
);
