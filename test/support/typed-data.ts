import type { Hex } from 'viem';
import { TRANSFER_WITH_AUTHORIZATION, USDC_DOMAIN } from '../../sandbox/base.js';
import type { SignedTransfer } from '../../src/payment/payer.js';

/** What is signed for a transfer of USDC on Base (EIP-712, EIP-3009), by what the sandbox knows of the token and not by the code that is tested. */
export function typedDataOf({ from, to, value, validAfter, validBefore, nonce }: SignedTransfer['authorization']) {
  return {
    domain: USDC_DOMAIN,
    types: TRANSFER_WITH_AUTHORIZATION,
    primaryType: 'TransferWithAuthorization',
    message: {
      from: from as Hex,
      to: to as Hex,
      value: BigInt(value),
      validAfter: BigInt(validAfter),
      validBefore: BigInt(validBefore),
      nonce: nonce as Hex,
    },
  } as const;
}
