import { type Address, getAddressEncoder, getProgramDerivedAddress } from '@solana/kit';
import { SOLANA_USDC } from '../money/usdc.js';

const ASSOCIATED_TOKEN_PROGRAM = 'ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL' as Address;

/** Where the USDC of an address is kept: its associated token account. @throws for a text that is no address */
export async function usdcAccountOf(owner: string): Promise<Address> {
  const bytes = getAddressEncoder();
  const [account] = await getProgramDerivedAddress({
    programAddress: ASSOCIATED_TOKEN_PROGRAM,
    seeds: [owner, SOLANA_USDC.tokenProgram, SOLANA_USDC.asset].map((address) => bytes.encode(address as Address)),
  });
  return account;
}
