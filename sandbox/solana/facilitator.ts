import { setTimeout as delay } from 'node:timers/promises';
import { createSolanaRpc, generateKeyPairSigner, signature as toSignature } from '@solana/kit';
import { x402Facilitator } from '@x402/core/facilitator';
import type { SupportedResponse } from '@x402/core/types';
import { toFacilitatorSvmSigner, TransactionOnchainFailureError } from '@x402/svm';
import { ExactSvmScheme } from '@x402/svm/exact/facilitator';
import { serveFacilitator, type Facilitator } from '../facilitator.server.js';
import { MAX_BLOCKHASH_AGE_BLOCKS, SOLANA_NETWORK } from './mainnet.js';
import type { SolanaNode } from './node.js';

export interface SolanaFacilitator extends Facilitator {
  /** Pays the fee of every payment in SOL, and signs it beside the buyer. */
  readonly feePayer: string;
  /** The fee payer's signature added, and nothing sent: for who presents the transaction to the node himself. Base64 in and out. */
  readonly coSign: (transaction: string) => Promise<string>;
}

const FEE_PAYER_SOL = 1_000n;
const LOOK_EVERY_MS = 25;

/** Verifies and settles on the node with x402's own code, so that the sandbox accepts what a real facilitator accepts. */
export async function startSolanaFacilitator(node: SolanaNode): Promise<SolanaFacilitator> {
  const feePayer = await generateKeyPairSigner();
  await node.fundSol(feePayer.address, FEE_PAYER_SOL);
  const signer = {
    ...toFacilitatorSvmSigner(feePayer, { defaultRpcUrl: node.rpcUrl }),
    confirmTransaction: (signature: string) => confirm(node.rpcUrl, signature),
  };
  const facilitator = new x402Facilitator().register(SOLANA_NETWORK, new ExactSvmScheme(signer));
  const server = await serveFacilitator({
    supported: () => facilitator.getSupported() as SupportedResponse,
    verify: (payload, requirements) => facilitator.verify(payload, requirements),
    settle: (payload, requirements) => facilitator.settle(payload, requirements),
  });
  const coSign = (transaction: string) => signer.signTransaction(transaction, feePayer.address, SOLANA_NETWORK);
  return { ...server, feePayer: feePayer.address, coSign };
}

/** x402's own waiting takes 30 seconds of the machine's clock; here a transaction is given up when no block can have it any more. */
async function confirm(rpcUrl: string, signature: string): Promise<void> {
  const rpc = createSolanaRpc(rpcUrl);
  const height = () => rpc.getBlockHeight({ commitment: 'confirmed' }).send();
  const lastHeight = (await height()) + BigInt(MAX_BLOCKHASH_AGE_BLOCKS);
  for (;;) {
    const isOver = (await height()) > lastHeight;
    const [status] = (await rpc.getSignatureStatuses([toSignature(signature)]).send()).value;
    if (status?.confirmationStatus === 'confirmed' || status?.confirmationStatus === 'finalized') {
      if (status.err === null) return;
      throw new TransactionOnchainFailureError(`The transaction ${signature} failed in its block`);
    }
    if (isOver) throw new Error(`The transaction ${signature} is in no block`);
    await delay(LOOK_EVERY_MS);
  }
}
