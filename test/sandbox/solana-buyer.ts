import {
  appendTransactionMessageInstructions,
  createKeyPairSignerFromPrivateKeyBytes,
  createSolanaRpc,
  createTransactionMessage,
  getBase58Encoder,
  getBase64EncodedWireTransaction,
  partiallySignTransactionMessageWithSigners,
  pipe,
  setTransactionMessageFeePayer,
  setTransactionMessageLifetimeUsingBlockhash,
  AccountRole,
  address,
  type Blockhash,
  type Instruction,
} from '@solana/kit';
import type { PaymentRequired } from '@x402/core/types';
import { COMPUTE_BUDGET_PROGRAM, TOKEN_PROGRAM } from '../../sandbox/solana/mainnet.js';
import { associatedTokenAccount } from '../../sandbox/solana/token-account.js';
import type { SolanaWorld } from '../../sandbox/world.js';
import { decode } from './buyer.js';

export interface Lifetime {
  readonly blockhash: string;
  readonly lastValidBlockHeight: bigint;
}

/** Builds payments instruction by instruction as AgentCash does: limit, price, TransferChecked; version 0; no memo; signed by the wallet alone. */
export class SolanaBuyer {
  private unitPrice = 1;

  constructor(private readonly world: SolanaWorld) {}

  get rpc() {
    return createSolanaRpc(this.world.solana.rpcUrl);
  }

  send(body: string, signature?: string, signal?: AbortSignal): Promise<Response> {
    const headers = { 'content-type': 'application/json', ...(signature === undefined ? {} : { 'payment-signature': signature }) };
    return fetch(this.world.seller.chatUrl, { method: 'POST', headers, body, ...(signal === undefined ? {} : { signal }) });
  }

  async quote(body: string): Promise<PaymentRequired> {
    const answer = await this.send(body);
    await answer.arrayBuffer();
    return decode<PaymentRequired>(answer.headers.get('payment-required'));
  }

  async latest(): Promise<Lifetime> {
    return (await this.rpc.getLatestBlockhash({ commitment: 'confirmed' }).send()).value;
  }

  /** The header for the first offer. */
  async sign(required: PaymentRequired, lifetime?: Lifetime): Promise<string> {
    const [accepted] = required.accepts;
    const transaction = await this.transaction(accepted!, lifetime);
    const payload = { x402Version: 2, resource: required.resource, accepted, payload: { transaction } };
    return Buffer.from(JSON.stringify(payload)).toString('base64');
  }

  async transaction(offer: PaymentRequired['accepts'][number], lifetime?: Lifetime): Promise<string> {
    const seed = getBase58Encoder().encode(this.world.wallet.solana.privateKey);
    const wallet = await createKeyPairSignerFromPrivateKeyBytes(seed);
    const mint = address(offer.asset);
    const accounts = [
      { address: await associatedTokenAccount(wallet.address, mint), role: AccountRole.WRITABLE },
      { address: mint, role: AccountRole.READONLY },
      { address: await associatedTokenAccount(address(offer.payTo), mint), role: AccountRole.WRITABLE },
      { address: wallet.address, role: AccountRole.READONLY_SIGNER, signer: wallet },
    ];
    const transfer: Instruction = { programAddress: TOKEN_PROGRAM, accounts, data: transferChecked(BigInt(offer.amount)) };
    const { blockhash, lastValidBlockHeight } = lifetime ?? (await this.latest());
    const message = pipe(
      createTransactionMessage({ version: 0 }),
      (empty) => setTransactionMessageFeePayer(address(offer.extra['feePayer'] as string), empty),
      (paid) => setTransactionMessageLifetimeUsingBlockhash({ blockhash: blockhash as Blockhash, lastValidBlockHeight }, paid),
      // Another price each time, or two payments of one amount on one blockhash would be one and the same.
      (dated) => appendTransactionMessageInstructions([unitLimit(20_000), unitPrice(this.unitPrice++), transfer], dated),
    );
    return getBase64EncodedWireTransaction(await partiallySignTransactionMessageWithSigners(message));
  }

  async pay(body: string): Promise<Response> {
    return this.send(body, await this.sign(await this.quote(body)));
  }
}

function unitLimit(units: number): Instruction {
  const data = Buffer.alloc(5, 2);
  data.writeUInt32LE(units, 1);
  return { programAddress: COMPUTE_BUDGET_PROGRAM, data: Uint8Array.from(data) };
}

function unitPrice(microLamports: number): Instruction {
  const data = Buffer.alloc(9, 3);
  data.writeBigUInt64LE(BigInt(microLamports), 1);
  return { programAddress: COMPUTE_BUDGET_PROGRAM, data: Uint8Array.from(data) };
}

function transferChecked(amount: bigint): Uint8Array {
  const data = Buffer.alloc(10, 12);
  data.writeBigUInt64LE(amount, 1);
  data[9] = 6;
  return Uint8Array.from(data);
}
