import { Configuration } from '../configuration/configuration.js';
import { CodedError } from '../errors/coded-error.js';
import { readPrivateFile, fileFaultOf } from '../files/private-file.js';

/**
 * The wallet's private key: `X402_PRIVATE_KEY`, else the AgentCash wallet file `{"privateKey":"0x…","address":"0x…"}`.
 * @throws CodedError payer_failed, with what to do, when there is none, it cannot be read, or others could read it too
 */
export function walletKey(settings: Pick<Configuration, 'privateKey' | 'walletFile' | 'isWalletCredential'>): `0x${string}` {
  const { privateKey, walletFile, isWalletCredential: isCredential } = settings;
  return privateKey?.reveal() ?? keyFromFile(walletFile, { isCredential });
}

function keyFromFile(path: string, rights: { isCredential: boolean }): `0x${string}` {
  const text = readWallet(path, rights);
  try {
    const { privateKey } = JSON.parse(text) as { privateKey?: unknown };
    if (typeof privateKey === 'string' && /^0x[0-9a-fA-F]{64}$/.test(privateKey)) return privateKey as `0x${string}`;
  } catch {
    // The parser's message would quote the file, and with it the key: the error below says enough.
  }
  throw badWallet(path, 'it is not an AgentCash wallet: {"privateKey": "0x" and 64 hex digits}');
}

function readWallet(path: string, rights: { isCredential: boolean }): string {
  try {
    return readPrivateFile(path, rights);
  } catch (cause) {
    throw badWallet(path, fileFaultOf(cause));
  }
}

function badWallet(path: string, reason: string): CodedError {
  return new CodedError(
    'payer_failed',
    `The wallet ${path} cannot be used: ${reason}. Create one with AgentCash, name another with BLOCKRUN_WALLET_FILE, ` +
      'set X402_PRIVATE_KEY, or set BLOCKRUN_DRY_RUN=1 to try the proxy without a wallet.',
  );
}
