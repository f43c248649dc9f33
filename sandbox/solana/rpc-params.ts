import { getBase58Encoder, isAddress, isSignature, type Address } from '@solana/kit';
import type { Commitment } from './block-line.js';
import { invalidParams } from './rpc-error.js';
import { readTransaction, type WireTransaction } from './wire-transaction.js';

export type Params = readonly unknown[];
export type Settings = Readonly<Record<string, unknown>>;

const COMMITMENTS: readonly unknown[] = ['processed', 'confirmed', 'finalized'];

/** The configuration object that most methods take last. */
export function settingsAt(params: Params, index: number): Settings {
  const settings = params[index] ?? {};
  if (typeof settings !== 'object' || Array.isArray(settings))
    throw invalidParams(`Invalid params: expected an object as parameter ${index + 1}.`);
  return settings as Settings;
}

export function commitmentOf({ commitment = 'finalized' }: Settings): Commitment {
  if (!COMMITMENTS.includes(commitment)) throw invalidParams('Invalid params: unknown commitment.');
  return commitment as Commitment;
}

/** Of the methods that tell of transactions: those need at least `confirmed`. */
export function historyCommitment(settings: Settings): 'confirmed' | 'finalized' {
  const commitment = commitmentOf(settings);
  if (commitment === 'processed') throw invalidParams('Method does not support commitment below `confirmed`');
  return commitment;
}

export function addressAt(params: Params, index: number): Address {
  const address = params[index];
  if (typeof address !== 'string' || !isAddress(address)) throw invalidParams('Invalid param: Invalid');
  return address;
}

export function signatureFrom(value: unknown): string {
  if (typeof value !== 'string' || !isSignature(value)) throw invalidParams('Invalid param: Invalid');
  return value;
}

/** Transactions come in base58 unless base64 is said, as for the real node. */
export function transactionFrom(params: Params, { encoding = 'base58' }: Settings): WireTransaction {
  const [text] = params;
  if (typeof text !== 'string' || (encoding !== 'base58' && encoding !== 'base64')) {
    throw invalidParams('Invalid params: expected a transaction and the encoding base58 or base64.');
  }
  try {
    return readTransaction(encoding === 'base64' ? Buffer.from(text, 'base64') : Uint8Array.from(getBase58Encoder().encode(text)));
  } catch (error) {
    throw invalidParams(`failed to deserialize the transaction: ${error instanceof Error ? error.message : String(error)}`);
  }
}
