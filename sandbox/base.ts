import { defineChain, getAddress } from 'viem';

/** What the real Base is known by, so that a payer needs no setting of its own for the sandbox. */
export const CHAIN_ID = 8453;
export const NETWORK = 'eip155:8453';
export const USDC = getAddress('0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913');

/** The EIP-712 domain in which Base USDC authorizations are signed. */
export const USDC_DOMAIN = { name: 'USD Coin', version: '2', chainId: CHAIN_ID, verifyingContract: USDC } as const;

/** EIP-3009, the struct that a payer signs. */
export const TRANSFER_WITH_AUTHORIZATION = {
  TransferWithAuthorization: [
    { name: 'from', type: 'address' },
    { name: 'to', type: 'address' },
    { name: 'value', type: 'uint256' },
    { name: 'validAfter', type: 'uint256' },
    { name: 'validBefore', type: 'uint256' },
    { name: 'nonce', type: 'bytes32' },
  ],
} as const;

export function baseAt(rpcUrl: string) {
  return defineChain({
    id: CHAIN_ID,
    name: 'Base in a box',
    nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
    rpcUrls: { default: { http: [rpcUrl] } },
  });
}
