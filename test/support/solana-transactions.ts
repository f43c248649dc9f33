import {
  AccountRole,
  type Address,
  address,
  appendTransactionMessageInstructions,
  compressTransactionMessageUsingAddressLookupTables,
  type Blockhash,
  createTransactionMessage,
  getAddressEncoder,
  getBase64EncodedWireTransaction,
  getProgramDerivedAddress,
  getU64Encoder,
  type Instruction,
  type KeyPairSigner,
  partiallySignTransactionMessageWithSigners,
  pipe,
  setTransactionMessageFeePayer,
  setTransactionMessageLifetimeUsingBlockhash,
  type TransactionMessage,
} from '@solana/kit';

export const TOKEN_PROGRAM = address('TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA');
export const COMPUTE_BUDGET = address('ComputeBudget111111111111111111111111111111');
export const MEMO_PROGRAM = address('MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr');
const ATA_PROGRAM = address('ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL');
const USDC_MINT = 'EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v';

/** What a transaction is to say. Written apart from the product's own reader, by the layout of the programs. */
export interface Written {
  signer: KeyPairSigner;
  payee: string;
  amount: bigint;
  feePayer: string;
  blockhash: string;
  mint?: string;
  /** Instructions in the order of the transaction; the usual ones where nothing else is said. */
  instructions?: (usual: { limit: Instruction; price: Instruction; transfer: Instruction }) => Instruction[];
  version?: 0 | 'legacy';
  /** By the address of the table: the owners whose token accounts are taken from it. */
  table?: Record<string, string[]>;
}

export async function tokenAccount(owner: string, mint = USDC_MINT): Promise<Address> {
  const encoder = getAddressEncoder();
  const seeds = [owner, TOKEN_PROGRAM, mint].map((seed) => encoder.encode(address(seed)));
  return (await getProgramDerivedAddress({ programAddress: ATA_PROGRAM, seeds }))[0];
}

export const instruction = (programAddress: Address, data: number[] | Uint8Array, accounts: Instruction['accounts'] = []): Instruction => ({
  programAddress,
  data: Uint8Array.from(data),
  accounts: accounts ?? [],
});

export async function transferInstruction(written: Written, changes: { decimals?: number; tag?: number } = {}): Promise<Instruction> {
  const { signer, payee, amount, mint = USDC_MINT } = written;
  const { decimals = 6, tag = 12 } = changes;
  return {
    programAddress: TOKEN_PROGRAM,
    data: Uint8Array.from([tag, ...getU64Encoder().encode(amount), decimals]),
    accounts: [
      { address: await tokenAccount(signer.address, mint), role: AccountRole.WRITABLE },
      { address: address(mint), role: AccountRole.READONLY },
      { address: await tokenAccount(payee, mint), role: AccountRole.WRITABLE },
      { address: signer.address, role: AccountRole.READONLY_SIGNER, signer } as NonNullable<Instruction['accounts']>[number],
    ],
  };
}

async function withTable(message: object, table: Record<string, string[]>): Promise<object> {
  const entries = Object.entries(table).map(async ([place, owners]) => [
    place,
    await Promise.all(owners.map((owner) => tokenAccount(owner))),
  ]);
  const tables = Object.fromEntries(await Promise.all(entries)) as Record<Address, Address[]>;
  return compressTransactionMessageUsingAddressLookupTables(message as TransactionMessage & { version: 0 }, tables);
}

/** Signed by the wallet alone, as AgentCash does it: limit and price of the computing, one transfer, no memo. In base64. */
export async function signedTransaction(written: Written): Promise<string> {
  const { feePayer, blockhash, instructions, version = 0, table } = written;
  const usual = {
    limit: instruction(COMPUTE_BUDGET, [2, 0x40, 0x1f, 0, 0]),
    price: instruction(COMPUTE_BUDGET, [3, 1, 0, 0, 0, 0, 0, 0, 0]),
    transfer: await transferInstruction(written),
  };
  const message = pipe(
    createTransactionMessage({ version }),
    (made) => setTransactionMessageFeePayer(address(feePayer), made),
    (made) => setTransactionMessageLifetimeUsingBlockhash({ blockhash: blockhash as Blockhash, lastValidBlockHeight: 0n }, made),
    (made) => appendTransactionMessageInstructions(instructions?.(usual) ?? [usual.limit, usual.price, usual.transfer], made),
  );
  const whole = table ? ((await withTable(message, table)) as typeof message) : message;
  const signed = await partiallySignTransactionMessageWithSigners(whole);
  return getBase64EncodedWireTransaction(signed);
}
