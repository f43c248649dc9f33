/** How the stand-in for AgentCash signs on Solana: as the real one does, without anything in the transaction that is its own. */
import {
  AccountRole,
  appendTransactionMessageInstructions,
  createKeyPairSignerFromPrivateKeyBytes,
  createTransactionMessage,
  getAddressEncoder,
  getBase58Encoder,
  getBase64EncodedWireTransaction,
  getProgramDerivedAddress,
  getU64Encoder,
  partiallySignTransactionMessageWithSigners,
  pipe,
  setTransactionMessageFeePayer,
  setTransactionMessageLifetimeUsingBlockhash,
} from '@solana/kit';

const TOKEN_PROGRAM = 'TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA';
const ASSOCIATED_TOKEN_PROGRAM = 'ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL';
const COMPUTE_BUDGET = 'ComputeBudget111111111111111111111111111111';

async function tokenAccount(owner, mint) {
  const seeds = [owner, TOKEN_PROGRAM, mint].map((seed) => getAddressEncoder().encode(seed));
  return (await getProgramDerivedAddress({ programAddress: ASSOCIATED_TOKEN_PROGRAM, seeds }))[0];
}

/** `changes` of the offer before it is signed; `signer` for a key that is not the wallet's. */
export async function transactionFor(offer, { changes = {}, signer: isOther }, seed) {
  const { payTo, amount, asset, feePayer, blockhash } = { ...offer, ...offer.extra, ...offer.extra.recentBlockhash, ...changes };
  const bytes = isOther ? new Uint8Array(32).fill(1) : getBase58Encoder().encode(seed);
  const signer = await createKeyPairSignerFromPrivateKeyBytes(bytes);
  const transfer = {
    programAddress: TOKEN_PROGRAM,
    data: Uint8Array.from([12, ...getU64Encoder().encode(BigInt(amount)), 6]),
    accounts: [
      { address: await tokenAccount(signer.address, asset), role: AccountRole.WRITABLE },
      { address: asset, role: AccountRole.READONLY },
      { address: await tokenAccount(payTo, asset), role: AccountRole.WRITABLE },
      { address: signer.address, role: AccountRole.READONLY_SIGNER, signer },
    ],
  };
  const budget = [
    { programAddress: COMPUTE_BUDGET, data: Uint8Array.from([2, 0x40, 0x1f, 0, 0]) },
    { programAddress: COMPUTE_BUDGET, data: Uint8Array.from([3, 1, 0, 0, 0, 0, 0, 0, 0]) },
  ];
  const message = pipe(
    createTransactionMessage({ version: 0 }),
    (made) => setTransactionMessageFeePayer(feePayer, made),
    (made) => setTransactionMessageLifetimeUsingBlockhash({ blockhash, lastValidBlockHeight: 0n }, made),
    (made) => appendTransactionMessageInstructions([...budget, transfer], made),
  );
  return { transaction: getBase64EncodedWireTransaction(await partiallySignTransactionMessageWithSigners(message)) };
}
