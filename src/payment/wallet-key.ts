import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { constants } from 'node:fs';
import { Configuration } from '../configuration/configuration.js';
import { CodedError } from '../errors/coded-error.js';

/**
 * The wallet's private key: `X402_PRIVATE_KEY`, else the AgentCash wallet file `{"privateKey":"0x…","address":"0x…"}`.
 * @throws CodedError payer_failed, with what to do, when there is none, it cannot be read, or others could read it too
 */
export function walletKey({ privateKey, walletFile }: Pick<Configuration, 'privateKey' | 'walletFile'>): `0x${string}` {
  return privateKey ?? keyFromFile(walletFile);
}

function keyFromFile(path: string): `0x${string}` {
  const text = readPrivateFile(path);
  try {
    const { privateKey } = JSON.parse(text) as { privateKey?: unknown };
    if (typeof privateKey === 'string' && /^0x[0-9a-fA-F]{64}$/.test(privateKey)) return privateKey as `0x${string}`;
  } catch {
    // The parser's message would quote the file, and with it the key: the error below says enough.
  }
  throw badWallet(path, 'it is not an AgentCash wallet: {"privateKey": "0x" and 64 hex digits}');
}

function readPrivateFile(path: string): string {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
    const { mode, uid } = fstatSync(descriptor);
    if ((mode & 0o077) !== 0)
      throw badWallet(path, `others on this machine can read it (mode ${(mode & 0o777).toString(8)}): chmod 600 it`);
    if (uid !== process.getuid?.()) throw badWallet(path, 'it belongs to another user');
    return readFileSync(descriptor, 'utf8');
  } catch (cause) {
    if (cause instanceof CodedError) throw cause;
    const { code } = cause as NodeJS.ErrnoException;
    throw badWallet(path, code === 'ENOENT' ? 'there is no such file' : code === 'ELOOP' ? 'it is a symbolic link' : String(code));
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function badWallet(path: string, reason: string): CodedError {
  return new CodedError(
    'payer_failed',
    `The wallet ${path} cannot be used: ${reason}. Create one with AgentCash, name another with BLOCKRUN_WALLET_FILE, ` +
      'set X402_PRIVATE_KEY, or set BLOCKRUN_DRY_RUN=1 to try the proxy without a wallet.',
  );
}
