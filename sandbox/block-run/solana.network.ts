import { getBase58Decoder } from '@solana/kit';
import type { PaymentPayload } from '@x402/core/types';
import {
  DEVNET_USDC,
  SOLANA_DEVNET,
  SOLANA_FOREIGN_PAYEE,
  SOLANA_NETWORK,
  SOLANA_TREASURY,
  SOLANA_USDC,
  SOLANA_USDT,
} from '../solana/mainnet.js';
import { readTransaction, signatureOf, transfersIn, type WireTransaction } from '../solana/wire-transaction.js';
import { BASE } from './base.network.js';
import { FALSE_EVERYWHERE, times, type PaymentNetwork, type SignedTransfer } from './payment-network.js';
import { paymentInvalid, STALE_BLOCKHASH } from './refusals.js';

export interface SolanaSeller {
  /** Of the facilitator. */
  readonly feePayer: string;
  /** Whose wallet the fault `quote-buyer-pays-fees` names. */
  readonly buyer?: string;
}

const SIMULATION_FAILED = 'invalid_exact_svm_transaction_simulation_failed';
const DEVNET = { network: SOLANA_DEVNET, asset: DEVNET_USDC } as const;

/** A call that fails is charged all the same: settlement runs beside the model. */
export function solanaNetwork({ feePayer, buyer = feePayer }: SolanaSeller): PaymentNetwork {
  return {
    id: SOLANA_NETWORK,
    name: 'solana',
    treasury: SOLANA_TREASURY,
    settlesBeside: true,
    reasons: {
      otherAmount: 'invalid_exact_svm_payload_amount_mismatch',
      used: { invalidReason: SIMULATION_FAILED, invalidMessage: 'Simulation failed: "AlreadyProcessed"' },
    },
    offer: (amountMicroUsd, payTo) => ({
      scheme: 'exact',
      network: SOLANA_NETWORK,
      amount: amountMicroUsd.toString(),
      asset: SOLANA_USDC,
      payTo,
      maxTimeoutSeconds: 300,
      extra: { feePayer },
    }),
    falseOffers: {
      ...FALSE_EVERYWHERE,
      'quote-foreign-asset': (offer) => [{ ...offer, asset: SOLANA_USDT }],
      'quote-foreign-network': (offer) => [{ ...offer, ...DEVNET }],
      'quote-foreign-payee': (offer) => [{ ...offer, payTo: SOLANA_FOREIGN_PAYEE }],
      'quote-other-chain': (offer) => [BASE.offer(BigInt(offer.amount), BASE.treasury)],
      'quote-no-fee-payer': (offer) => [{ ...offer, extra: {} }],
      'quote-buyer-pays-fees': (offer) => [{ ...offer, extra: { feePayer: buyer } }],
      'quote-many-offers': (offer) => [{ ...offer, ...DEVNET }, times(offer, 3n), offer],
    },
    read: readPayload,
    refusal(verdict) {
      const isStale = /BlockhashNotFound/.test(verdict.invalidMessage ?? '');
      return isStale ? STALE_BLOCKHASH : paymentInvalid(verdict);
    },
    countedTransaction(count) {
      const bytes = Buffer.alloc(64);
      bytes.writeUInt32BE(count, 60);
      return getBase58Decoder().decode(bytes);
    },
  };
}

function readPayload(payload: PaymentPayload): SignedTransfer | undefined {
  const transaction = decode(payload.payload?.['transaction']);
  const [transfer, ...others] = transaction === undefined ? [] : transfersIn(transaction);
  if (transaction === undefined || transfer === undefined || others.length > 0) return undefined;
  const nonce = signatureOf(transaction, transfer.authority);
  return nonce === undefined ? undefined : { payer: transfer.authority, nonce, amountMicroUsd: transfer.amount };
}

function decode(transaction: unknown): WireTransaction | undefined {
  if (typeof transaction !== 'string') return undefined;
  try {
    return readTransaction(Buffer.from(transaction, 'base64'));
  } catch {
    // No transaction: refused like any other payload that cannot be read.
    return undefined;
  }
}
