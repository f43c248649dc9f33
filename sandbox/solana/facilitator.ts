import { generateKeyPairSigner } from '@solana/kit';
import { x402Facilitator } from '@x402/core/facilitator';
import type { SupportedResponse } from '@x402/core/types';
import { toFacilitatorSvmSigner } from '@x402/svm';
import { ExactSvmScheme } from '@x402/svm/exact/facilitator';
import { serveFacilitator, type Facilitator } from '../facilitator.server.js';
import { SOLANA_NETWORK } from './mainnet.js';
import type { SolanaNode } from './node.js';

export interface SolanaFacilitator extends Facilitator {
  /** Pays the fee of every payment in SOL, and signs it beside the buyer. */
  readonly feePayer: string;
}

const FEE_PAYER_SOL = 1_000n;

/** Verifies and settles on the node with x402's own code, so that the sandbox accepts what a real facilitator accepts. */
export async function startSolanaFacilitator(node: SolanaNode): Promise<SolanaFacilitator> {
  const feePayer = await generateKeyPairSigner();
  await node.fundSol(feePayer.address, FEE_PAYER_SOL);
  const signer = toFacilitatorSvmSigner(feePayer, { defaultRpcUrl: node.rpcUrl });
  const facilitator = new x402Facilitator().register(SOLANA_NETWORK, new ExactSvmScheme(signer));
  const server = await serveFacilitator({
    supported: () => facilitator.getSupported() as SupportedResponse,
    verify: (payload, requirements) => facilitator.verify(payload, requirements),
    settle: (payload, requirements) => facilitator.settle(payload, requirements),
  });
  return { ...server, feePayer: feePayer.address };
}
