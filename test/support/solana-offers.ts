import { createHash } from 'node:crypto';
import { createKeyPairSignerFromPrivateKeyBytes, getBase58Decoder, getBase58Encoder, type KeyPairSigner } from '@solana/kit';
import { SOLANA_USDC } from '../../src/money/usdc.js';
import type { AcceptsEntry, SolanaOffer } from '../../src/payment/offer.js';
import { RESOURCE } from './offers.js';

/** BlockRun's payee on Solana. */
export const SOLANA_PAYEE = 'AQqnMFBwGZEoti85aTVRy8XYpKrho7GaMDx9ZB3CEeKA';
export const OTHER_SOLANA_PAYEE = '5ZWj7a1f8tWkjBESHKgrLmXshuXxqeY9SYcfbshpAqPG';
/** A key that is used nowhere else. */
export const TEST_SEED = Buffer.alloc(32, 7);
export const TEST_SEED_TEXT = getBase58Decoder().decode(TEST_SEED);
export const FEE_PAYER = '2wKupLR9q6wXYppw8Gr2NvWxKBUqm4PPJKkQfoxHDBg4';
export const BLOCKHASH = 'EkSnNWid2cvwEVnVx9aBqawnmiCNiDgp3gUdkDPTKN1N';

export function testSigner(): Promise<KeyPairSigner> {
  return createKeyPairSignerFromPrivateKeyBytes(TEST_SEED);
}

/** An entry of `accepts` on the wire, as BlockRun writes it for Solana. */
export function solanaWireEntry(fields: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    scheme: 'exact',
    network: SOLANA_USDC.network,
    amount: '1000',
    asset: SOLANA_USDC.asset,
    payTo: SOLANA_PAYEE,
    maxTimeoutSeconds: 300,
    extra: { feePayer: FEE_PAYER },
    ...fields,
  };
}

export function solanaEntry(fields: Partial<AcceptsEntry> = {}): AcceptsEntry {
  return {
    scheme: 'exact',
    network: SOLANA_USDC.network,
    asset: SOLANA_USDC.asset,
    payee: SOLANA_PAYEE,
    amount: '1000',
    maxTimeoutSeconds: 300,
    resourceUrl: RESOURCE,
    raw: solanaWireEntry(),
    ...fields,
  };
}

export function solanaOffer(fields: Partial<SolanaOffer> = {}): SolanaOffer {
  return Object.freeze({
    x402Version: 2,
    network: SOLANA_USDC.network,
    asset: SOLANA_USDC.asset,
    payee: SOLANA_PAYEE,
    amountMicroUsd: 1000n,
    validitySeconds: 300,
    feePayer: FEE_PAYER,
    accepted: solanaWireEntry(),
    resource: { url: RESOURCE },
    ...fields,
  });
}

/** What the books call a payment by, of the wallet's signature in it. */
export function nonceOfSignature(signature: string | undefined): string {
  return createHash('sha256')
    .update(Uint8Array.from(getBase58Encoder().encode(signature ?? '')))
    .digest('hex');
}
