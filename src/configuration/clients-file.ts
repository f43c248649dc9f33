import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { IsOptional, Matches, ValidateBy, type ValidationError, validateSync } from 'class-validator';
import { parseUsd } from '../money/micro-usd.js';
import type { Client } from './client.js';
import { reasonOf } from '../errors/reason-of.js';

const MAX_CLIENTS = 1000;
const MAX_BYTES = 1024 * 1024;

const IsAmount = () =>
  checked('isAmount', (value) => amountOf(value) !== undefined, 'must be an amount in USD with at most 6 decimal places, such as "0.05"');
const IsCount = () =>
  checked(
    'isCount',
    (value) => Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 1_000_000,
    'must be a whole number from 1 to 1000000',
  );
const AreSessions = () =>
  checked(
    'areSessions',
    (value) =>
      patternsOf(value).every(
        (pattern) => typeof pattern === 'string' && /^[\x21-\x29\x2b-\x7e]{0,255}\*?$/.test(pattern) && pattern !== '',
      ),
    "must be a session header's value, or a list of them; a * may stand at the end only",
  );
const IsTrue = () => checked('isTrue', (value) => value === true, 'must be true, or left out');

/** One entry of the file `{"clients": [ … ]}`. */
class ClientEntry {
  @Matches(/^[A-Za-z0-9][\w.-]{0,62}$/, { message: 'must be 1 to 63 letters, digits, dots, dashes and underscores' }) name!: string;
  @IsOptional() @Matches(/^[0-9a-f]{64}$/i, { message: 'must be the SHA-256 of the token, 64 hex digits' }) tokenSha256?: string;
  @IsOptional() @AreSessions() session?: string | string[];
  @IsOptional() @IsTrue() default?: true;
  @IsOptional() @IsAmount() dailyBudgetUsd?: string | number;
  @IsOptional() @IsAmount() maxUsdPerMinute?: string | number;
  @IsOptional() @IsCount() maxRequestsPerMinute?: number;
}

/**
 * The clients of the file, in its order, or everything that is wrong with it, each problem with its place. It is as private as the wallet:
 * whoever can write it sets limits, and a short token could be guessed from its digest.
 */
export function readClientsFile(path: string | undefined): { clients: Client[]; problems: string[] } {
  if (path === undefined) return { clients: [], problems: [] };
  try {
    const entries = entriesOf(readPrivately(path));
    const problems = entries.flatMap((entry, index) => problemsOfEntry(entry).map((problem) => `clients[${index}]${problem}`));
    const all = problems.length > 0 ? problems : problemsTogether(entries);
    return all.length > 0
      ? { clients: [], problems: all.map((problem) => `${path}: ${problem}`) }
      : { clients: entries.map(clientOf), problems: [] };
  } catch (error) {
    return { clients: [], problems: [`${path}: ${reasonOf(error)}`] };
  }
}

function readPrivately(path: string): string {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) throw new Error('it is not a file');
    if ((stats.mode & 0o077) !== 0)
      throw new Error(`others on this machine can read it (mode ${(stats.mode & 0o777).toString(8)}): chmod 600 it`);
    if (stats.uid !== 0 && stats.uid !== process.getuid?.()) throw new Error('it belongs to another user');
    if (stats.size > MAX_BYTES) throw new Error(`it is larger than ${MAX_BYTES} bytes`);
    return readFileSync(descriptor, 'utf8');
  } finally {
    closeSync(descriptor);
  }
}

function entriesOf(text: string): ClientEntry[] {
  const file = parse(text);
  const { clients, ...others } = file as { clients?: unknown };
  if (!Array.isArray(clients) || Object.keys(others).length > 0) throw new Error('it must be {"clients": [ … ]} and nothing else');
  if (clients.length > MAX_CLIENTS) throw new Error(`it has more than ${MAX_CLIENTS} clients`);
  return clients.map((entry: unknown, index) => {
    if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) throw new Error(`clients[${index}] must be an object`);
    return Object.assign(new ClientEntry(), entry);
  });
}

function parse(text: string): object {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error('it is not valid JSON'); // the parser's message quotes the file
  }
  if (typeof value !== 'object' || value === null) throw new Error('it must be {"clients": [ … ]} and nothing else');
  return value;
}

function problemsOfEntry(entry: ClientEntry): string[] {
  const problems = validateSync(entry, { whitelist: true, forbidNonWhitelisted: true }).map(
    (error) => `.${error.property} ${faultOf(error)}`,
  );
  const isRecognised = entry.tokenSha256 !== undefined || entry.session !== undefined || entry.default !== undefined;
  return isRecognised ? problems : [...problems, ' is never recognised: give it tokenSha256, session, or "default": true'];
}

function faultOf({ constraints = {} }: ValidationError): string {
  return 'whitelistValidation' in constraints ? 'is not known here' : Object.values(constraints).join(', ');
}

/** What only shows when the entries are looked at together. */
function problemsTogether(entries: readonly ClientEntry[]): string[] {
  const seen = new Map<string, number>();
  return entries.flatMap((entry, index) => {
    const marks = [
      `name ${entry.name}`,
      ...(entry.tokenSha256 === undefined ? [] : [`tokenSha256 ${entry.tokenSha256.toLowerCase()}`]),
      ...patternsOf(entry.session ?? []).map((pattern) => `session ${String(pattern)}`),
      ...(entry.default ? ['default true'] : []),
    ];
    return marks.flatMap((mark) => {
      const first = seen.get(mark);
      seen.set(mark, first ?? index);
      return first === undefined ? [] : [`clients[${index}].${mark.replace(/ .*/, '')} is the same as in clients[${first}]`];
    });
  });
}

function clientOf(entry: ClientEntry): Client {
  const { name, tokenSha256, session = [], maxRequestsPerMinute } = entry;
  return {
    name,
    tokenDigest: tokenSha256 === undefined ? undefined : Buffer.from(tokenSha256, 'hex'),
    sessions: patternsOf(session) as string[],
    isDefault: entry.default === true,
    dailyCapMicroUsd: amountOf(entry.dailyBudgetUsd),
    maxPerMinuteMicroUsd: amountOf(entry.maxUsdPerMinute),
    maxRequestsPerMinute: maxRequestsPerMinute === undefined ? undefined : BigInt(maxRequestsPerMinute),
  };
}

function patternsOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [value];
}

/** JSON's numbers are read by their decimal digits. */
function amountOf(value: unknown) {
  return typeof value === 'string' || typeof value === 'number' ? parseUsd(String(value)) : undefined;
}

function checked(name: string, holds: (value: unknown) => boolean, says: string): PropertyDecorator {
  return ValidateBy({ name, validator: { validate: holds, defaultMessage: () => says } });
}
