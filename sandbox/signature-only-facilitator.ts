import type { PaymentPayload, PaymentRequirements, VerifyResponse } from '@x402/core/types';
import { isAddressEqual, stringToHex, verifyTypedData, type Address, type Hex } from 'viem';
import { NETWORK, TRANSFER_WITH_AUTHORIZATION, USDC, USDC_DOMAIN } from './base.js';
import { serveFacilitator, type Facilitator } from './facilitator.server.js';

const NONCE_USED = 'invalid_exact_evm_nonce_already_used';

interface Authorization {
  readonly from: Address;
  readonly to: Address;
  readonly value: string;
  readonly validAfter: string;
  readonly validBefore: string;
  readonly nonce: Hex;
}

/**
 * For a machine without anvil: checks everything about an authorization that needs no chain, above all the signature. It "settles" by
 * remembering the nonce. No money moves, balances are not looked at, and the transaction id reads "sandbox, nothing settled #…" in ASCII.
 */
export async function startSignatureOnlyFacilitator(): Promise<Facilitator> {
  const usedNonces = new Set<string>();
  return serveFacilitator({
    supported: () => ({ kinds: [{ x402Version: 2, scheme: 'exact', network: NETWORK }], extensions: [], signers: {} }),
    verify: (payload, requirements) => judge(payload, requirements, usedNonces),
    async settle(payload, requirements) {
      const verdict = await judge(payload, requirements, usedNonces);
      const payer = verdict.payer ?? '';
      // Looked at again: another settlement of the same nonce may have come while the signature was checked.
      const isReplay = verdict.isValid && usedNonces.has(nonceKey(authorizationOf(payload)));
      const errorReason = isReplay ? NONCE_USED : verdict.invalidReason;
      if (errorReason !== undefined) return { success: false, errorReason, payer, transaction: '', network: NETWORK };
      usedNonces.add(nonceKey(authorizationOf(payload)));
      return { success: true, payer, transaction: fakeTransaction(usedNonces.size), network: NETWORK, extra: { settled: false } };
    },
  });
}

async function judge(payload: PaymentPayload, requirements: PaymentRequirements, usedNonces: Set<string>): Promise<VerifyResponse> {
  try {
    const authorization = authorizationOf(payload);
    const invalidReason = objection(authorization, requirements, usedNonces) ?? (await signatureObjection(payload, authorization));
    return invalidReason === undefined
      ? { isValid: true, payer: authorization.from }
      : { isValid: false, invalidReason, payer: authorization.from };
  } catch (error) {
    return { isValid: false, invalidReason: 'invalid_payload', invalidMessage: error instanceof Error ? error.message : String(error) };
  }
}

/** The reasons are those of x402's own verification, for a client should not see which facilitator it met. */
function objection(authorization: Authorization, requirements: PaymentRequirements, usedNonces: Set<string>): string | undefined {
  const now = BigInt(Math.floor(Date.now() / 1000));
  if (requirements.scheme !== 'exact') return 'unsupported_scheme';
  if (requirements.network !== NETWORK) return 'network_mismatch';
  if (!isAddressEqual(requirements.asset as Address, USDC)) return 'invalid_exact_evm_asset';
  if (!isAddressEqual(authorization.to, requirements.payTo as Address)) return 'invalid_exact_evm_recipient_mismatch';
  if (BigInt(authorization.value) !== BigInt(requirements.amount)) return 'invalid_exact_evm_authorization_value_mismatch';
  if (BigInt(authorization.validAfter) > now) return 'invalid_exact_evm_payload_authorization_valid_after';
  if (BigInt(authorization.validBefore) <= now) return 'invalid_exact_evm_payload_authorization_valid_before';
  if (usedNonces.has(nonceKey(authorization))) return NONCE_USED;
  return undefined;
}

async function signatureObjection(payload: PaymentPayload, authorization: Authorization): Promise<string | undefined> {
  const isSigned = await verifyTypedData({
    address: authorization.from,
    domain: USDC_DOMAIN,
    types: TRANSFER_WITH_AUTHORIZATION,
    primaryType: 'TransferWithAuthorization',
    message: {
      from: authorization.from,
      to: authorization.to,
      value: BigInt(authorization.value),
      validAfter: BigInt(authorization.validAfter),
      validBefore: BigInt(authorization.validBefore),
      nonce: authorization.nonce,
    },
    signature: payload.payload['signature'] as Hex,
  });
  return isSigned ? undefined : 'invalid_exact_evm_signature';
}

function authorizationOf(payload: PaymentPayload): Authorization {
  return payload.payload['authorization'] as Authorization;
}

function nonceKey({ from, nonce }: Authorization): string {
  return `${from}:${nonce}`.toLowerCase();
}

function fakeTransaction(count: number): Hex {
  return stringToHex(`sandbox, nothing settled #${String(count).padStart(6, '0')}`);
}
