import { getBase58Decoder, getCompiledTransactionMessageDecoder, getTransactionDecoder, type Address } from '@solana/kit';
import { TOKEN_PROGRAM } from './mainnet.js';

export interface WireInstruction {
  readonly program: Address;
  readonly accounts: readonly Address[];
  readonly data: Uint8Array;
}

/** A transaction as it goes over the wire, read but not judged. */
export interface WireTransaction {
  readonly bytes: Uint8Array;
  readonly version: 0 | 'legacy';
  /** Of the accounts that must sign, the payer of the fee first; null where a signature is missing. */
  readonly signatures: readonly (string | null)[];
  readonly accounts: readonly Address[];
  readonly header: { readonly signers: number; readonly readonlySigners: number; readonly readonlyNonSigners: number };
  readonly blockhash: string;
  readonly instructions: readonly WireInstruction[];
  /** The same for the same message, whoever signed it. */
  readonly key: string;
}

/** A TransferChecked of the token program. */
export interface TokenTransfer {
  readonly source: Address;
  readonly mint: Address;
  readonly destination: Address;
  readonly authority: Address;
  readonly amount: bigint;
}

const TRANSFER_CHECKED = 12;

/** Throws on bytes that are no transaction. Address lookup tables, which the sandbox has none of, are refused too. */
export function readTransaction(bytes: Uint8Array): WireTransaction {
  const { messageBytes, signatures } = getTransactionDecoder().decode(bytes);
  const message = getCompiledTransactionMessageDecoder().decode(messageBytes);
  if (message.version !== 0 && message.version !== 'legacy')
    throw new Error(`transactions of version ${message.version} are not known here`);
  if ('addressTableLookups' in message && (message.addressTableLookups ?? []).length > 0) throw new Error('no address lookup tables here');
  const { staticAccounts: accounts, header } = message;
  return {
    bytes,
    version: message.version,
    signatures: Object.values(signatures).map((signature) => (signature === null ? null : getBase58Decoder().decode(signature))),
    accounts,
    header: {
      signers: header.numSignerAccounts,
      readonlySigners: header.numReadonlySignerAccounts,
      readonlyNonSigners: header.numReadonlyNonSignerAccounts,
    },
    blockhash: message.lifetimeToken,
    instructions: message.instructions.map(({ programAddressIndex, accountIndices = [], data = new Uint8Array() }) => ({
      program: accountAt(accounts, programAddressIndex),
      accounts: accountIndices.map((index) => accountAt(accounts, index)),
      data: Uint8Array.from(data),
    })),
    key: Buffer.from(messageBytes).toString('base64'),
  };
}

export function transfersIn({ instructions }: WireTransaction): TokenTransfer[] {
  return instructions.flatMap(({ program, accounts: [source, mint, destination, authority], data }) => {
    if (program !== TOKEN_PROGRAM || data[0] !== TRANSFER_CHECKED || data.length !== 10) return [];
    if (source === undefined || mint === undefined || destination === undefined || authority === undefined) return [];
    return [{ source, mint, destination, authority, amount: Buffer.from(data).readBigUInt64LE(1) }];
  });
}

export function signatureOf({ accounts, signatures }: WireTransaction, signer: string): string | undefined {
  return signatures[accounts.findIndex((account) => account === signer)] ?? undefined;
}

function accountAt(accounts: readonly Address[], index: number): Address {
  const account = accounts[index];
  if (account === undefined) throw new Error('an instruction names an account that the message has not');
  return account;
}
