/** The networks on which payments can be made. */
export type PaymentNetwork = 'base' | 'solana';

/** USDC on Base, by what is known here and never by what a seller says. */
export const BASE_USDC = Object.freeze({
  /** CAIP-2. */
  network: 'eip155:8453',
  networkName: 'Base',
  chainId: 8453,
  /** The name that x402 version 1 has for the network. */
  networkNameV1: 'base',
  asset: '0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913',
  address: /^0x[0-9a-fA-F]{40}$/,
  /** EIP-712 domain of the token. */
  domain: Object.freeze({ name: 'USD Coin', version: '2' }),
} as const);

/** USDC on Solana: a mint of the token program, with 6 decimals as everywhere. */
export const SOLANA_USDC = Object.freeze({
  /** CAIP-2: the beginning of the genesis block's hash. */
  network: 'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp',
  networkName: 'Solana',
  networkNameV1: 'solana',
  genesisHash: '5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d',
  asset: 'EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v',
  decimals: 6,
  tokenProgram: 'TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA',
  /** What an address looks like; whether it is one, decoding it says. */
  address: /^[1-9A-HJ-NP-Za-km-z]{32,44}$/,
} as const);

export type Usdc = typeof BASE_USDC | typeof SOLANA_USDC;

/** The one token that is paid with on each network. */
export const USDC: Readonly<Record<PaymentNetwork, Usdc>> = { base: BASE_USDC, solana: SOLANA_USDC };

/** The token on the network of that CAIP-2 name. */
export function usdcOn(network: Usdc['network']): Usdc {
  return network === BASE_USDC.network ? BASE_USDC : SOLANA_USDC;
}

/** The form in which an address, or a nonce, is kept and compared: hex in small letters. Base58, which Solana writes, is case-sensitive. */
export function comparable(address: string): string {
  return /^0x/i.test(address) ? address.toLowerCase() : address;
}
