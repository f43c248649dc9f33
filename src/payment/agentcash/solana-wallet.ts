import { createPrivateKey, createPublicKey } from 'node:crypto';
import { getBase58Decoder, getBase58Encoder } from '@solana/kit';
import { CodedError } from '../../errors/coded-error.js';
import { fileFaultOf, readPrivateFile } from '../../files/private-file.js';

/** How DER begins for an Ed25519 private key (RFC 8410, section 7). */
const ED25519_SEED = Buffer.from('302e020100300506032b657004220420', 'hex');
const SEED_BYTES = 32;

/**
 * The address of AgentCash's Solana wallet, `{"privateKey": 32 bytes in base58, …}`; the key is read to find it, and not kept.
 * @throws CodedError payer_failed, with what to do, when there is none, it cannot be read, or others could read it too
 */
export function solanaWalletAddress(path: string): string {
  const seed = seedIn(readWallet(path));
  if (!seed) throw badWallet(path, 'it is not a Solana wallet of AgentCash: {"privateKey": 32 bytes in base58}');
  const key = createPrivateKey({ key: Buffer.concat([ED25519_SEED, seed]), format: 'der', type: 'pkcs8' });
  const { x = '' } = createPublicKey(key).export({ format: 'jwk' });
  return getBase58Decoder().decode(Buffer.from(x, 'base64url'));
}

function readWallet(path: string): string {
  try {
    return readPrivateFile(path, { isCredential: false });
  } catch (cause) {
    throw badWallet(path, fileFaultOf(cause));
  }
}

function seedIn(text: string): Uint8Array | undefined {
  try {
    const { privateKey } = JSON.parse(text) as { privateKey?: unknown };
    const seed = typeof privateKey === 'string' ? new Uint8Array(getBase58Encoder().encode(privateKey)) : undefined;
    return seed?.length === SEED_BYTES ? seed : undefined;
  } catch {
    return undefined; // the errors would quote the file, and with it the key
  }
}

function badWallet(path: string, reason: string): CodedError {
  return new CodedError(
    'payer_failed',
    `The wallet ${path} cannot be used: ${reason}. AgentCash makes one beside its other wallet when it is first run; send USDC on Solana to it.`,
  );
}
