import { createPublicKey, hash, verify } from 'node:crypto';
import {
  type Address,
  getAddressEncoder,
  getCompiledTransactionMessageDecoder,
  getTransactionDecoder,
  getTransactionEncoder,
} from '@solana/kit';

/** The most that the network takes, in bytes. */
const MAX_BYTES = 1232;

/** An instruction with its accounts by their addresses. */
export interface WireInstruction {
  program: string;
  accounts: readonly string[];
  data: Uint8Array;
}

/** What a signed transaction says, read from its bytes and nothing else. */
export interface WireTransaction {
  /** What is signed. */
  message: Uint8Array;
  /** Everybody who has to sign, the fee payer first. */
  signers: readonly string[];
  /** By the address of who signed. */
  signatures: ReadonlyMap<string, Uint8Array>;
  blockhash: string;
  instructions: readonly WireInstruction[];
}

/**
 * Reads a transaction from base64. Undefined for one that is not in the one form of its bytes, or that takes addresses from a table on
 * the chain, whose content nobody here knows.
 */
export function readTransaction(base64: string): WireTransaction | undefined {
  try {
    return decode(Buffer.from(base64, 'base64'), base64);
  } catch {
    return undefined; // no transaction at all
  }
}

function decode(bytes: Buffer, base64: string): WireTransaction | undefined {
  if (bytes.length > MAX_BYTES || bytes.toString('base64') !== base64) return undefined;
  // A copy: of a Buffer that begins where Node's pool of memory does, kit may take the whole pool.
  const transaction = getTransactionDecoder().decode(Uint8Array.from(bytes));
  if (!bytes.equals(new Uint8Array(getTransactionEncoder().encode(transaction)))) return undefined;
  const message = getCompiledTransactionMessageDecoder().decode(transaction.messageBytes);
  if (message.version !== 0) return undefined;
  const { staticAccounts, header, lifetimeToken, instructions } = message;
  return {
    message: new Uint8Array(transaction.messageBytes),
    signers: staticAccounts.slice(0, header.numSignerAccounts),
    signatures: new Map(
      Object.entries(transaction.signatures).flatMap(([address, signature]) =>
        signature ? [[address, new Uint8Array(signature)] as const] : [],
      ),
    ),
    blockhash: lifetimeToken,
    instructions: instructions.map(({ programAddressIndex, accountIndices = [], data = new Uint8Array() }) => ({
      program: accountAt(staticAccounts, programAddressIndex),
      accounts: accountIndices.map((index) => accountAt(staticAccounts, index)),
      data: new Uint8Array(data),
    })),
  };
}

/**
 * What a payment is known by: the SHA-256, in hex, of the address's own signature. No other transaction has it, and the books hold no signature.
 * Undefined where the address has not signed.
 */
export function nonceOf(address: string, { signatures }: WireTransaction): string | undefined {
  const signature = signatures.get(address);
  return signature && hash('sha256', signature);
}

function accountAt(accounts: readonly Address[], index: number): string {
  const account = accounts[index];
  if (account === undefined) throw new Error(`account ${index} is not in the message: it comes from a table`);
  return account;
}

/** How DER begins for an Ed25519 public key (RFC 8410, section 4). */
const ED25519_KEY = Buffer.from('302a300506032b6570032100', 'hex');

/** Whether the address's signature is there and right for these bytes (RFC 8032). */
export function isSignedBy(address: string, { message, signatures }: WireTransaction): boolean {
  const signature = signatures.get(address);
  if (!signature) return false;
  const key = Buffer.concat([ED25519_KEY, Buffer.from(getAddressEncoder().encode(address as Address))]);
  return verify(null, message, createPublicKey({ key, format: 'der', type: 'spki' }), signature);
}
