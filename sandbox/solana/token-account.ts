import { getAddressDecoder, getAddressEncoder, getProgramDerivedAddress, type Address } from '@solana/kit';
import { ASSOCIATED_TOKEN_PROGRAM, SOLANA_USDC, TOKEN_PROGRAM, USDC_DECIMALS } from './mainnet.js';
import type { Account } from './vm.process.js';

/** The token program's own layouts of a mint and of an account, little endian. */
const MINT_BYTES = 82;
const ACCOUNT_BYTES = 165;
/** What makes an account of its size exempt from rent; the VM refuses to leave less. */
const MINT_RENT_LAMPORTS = 1_461_600n;
const ACCOUNT_RENT_LAMPORTS = 2_039_280n;
const SUPPLY = 8_000_000_000_000_000n;

export interface TokenAccount {
  readonly mint: Address;
  readonly owner: Address;
  readonly amount: bigint;
}

export async function associatedTokenAccount(owner: Address, mint: Address = SOLANA_USDC): Promise<Address> {
  const encode = getAddressEncoder().encode;
  const seeds = [encode(owner), encode(TOKEN_PROGRAM), encode(mint)];
  const [place] = await getProgramDerivedAddress({ programAddress: ASSOCIATED_TOKEN_PROGRAM, seeds });
  return place;
}

/** A mint with six decimals that nobody can mint from or freeze. */
export function mintAccount(address: Address): Account {
  const data = Buffer.alloc(MINT_BYTES);
  data.writeBigUInt64LE(SUPPLY, 36);
  data[44] = USDC_DECIMALS;
  data[45] = 1;
  return { address, lamports: MINT_RENT_LAMPORTS, data: Uint8Array.from(data), programAddress: TOKEN_PROGRAM, executable: false };
}

export function tokenAccount(address: Address, { mint, owner, amount }: TokenAccount): Account {
  const data = Buffer.alloc(ACCOUNT_BYTES);
  const encode = getAddressEncoder().encode;
  data.set(encode(mint), 0);
  data.set(encode(owner), 32);
  data.writeBigUInt64LE(amount, 64);
  // Initialized, with no delegate, not frozen.
  data[108] = 1;
  return { address, lamports: ACCOUNT_RENT_LAMPORTS, data: Uint8Array.from(data), programAddress: TOKEN_PROGRAM, executable: false };
}

/** Nothing if the account is not the token program's, or is a mint. */
export function readTokenAccount(account: Account | undefined): TokenAccount | undefined {
  if (account?.programAddress !== TOKEN_PROGRAM || account.data.length !== ACCOUNT_BYTES) return undefined;
  const decode = getAddressDecoder().decode;
  const data = Buffer.from(account.data);
  return { mint: decode(data, 0), owner: decode(data, 32), amount: data.readBigUInt64LE(64) };
}
