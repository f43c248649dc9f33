import { address as toAddress, type Address } from '@solana/kit';
import { PauseGate } from '../pause-gate.js';
import { emptyAccount } from './accounts.js';
import { Bank } from './bank.js';
import type { Commitment } from './block-line.js';
import { SOLANA_USDC, SOLANA_USDT } from './mainnet.js';
import { serveRpc, type NodeFailure, type RpcCall } from './rpc.server.js';
import { sendingMethods } from './rpc-sending.js';
import { associatedTokenAccount, mintAccount, readTokenAccount, tokenAccount } from './token-account.js';
import { signatureOf, transfersIn } from './wire-transaction.js';

export interface SolanaNodeOptions {
  readonly port?: number;
  /** How long a block takes. */
  readonly blockMs?: number;
}

/** One payment in USDC as the chain tells it. */
export interface SolanaTransfer {
  /** The owner of the account that got it. */
  readonly to: string;
  readonly amountMicroUsd: bigint;
  /** The transaction's id: the signature of whoever paid its fee. */
  readonly transaction: string;
  /** The owner's own signature, in base58. */
  readonly signature: string;
}

const BLOCK_MS = 400;
/** Kept of what was asked; the oldest go first. */
const KEPT_CALLS = 1_000;
const SOL_LAMPORTS = 1_000_000_000n;

/** Solana mainnet in a box: LiteSVM with the rules that it leaves out, behind the JSON-RPC of a real node. */
export class SolanaNode {
  /** What was asked of it, oldest first. */
  readonly calls: RpcCall[] = [];

  private readonly bank: Bank;
  private server!: { readonly url: string; stop(): Promise<void> };
  private timer: NodeJS.Timeout | undefined;
  private failure: NodeFailure | undefined;
  private readonly gate = new PauseGate();

  private constructor(private readonly blockMs: number) {
    this.bank = new Bank(blockMs);
  }

  static async start({ port = 0, blockMs = BLOCK_MS }: SolanaNodeOptions = {}): Promise<SolanaNode> {
    const node = new SolanaNode(blockMs);
    for (const mint of [SOLANA_USDC, SOLANA_USDT]) await node.bank.set(() => mintAccount(mint));
    node.server = await serveRpc(node.bank, {
      port,
      failure: () => node.failure,
      gate: node.gate,
      heard: (call) => node.remember(call),
    });
    node.startBlocks();
    return node;
  }

  get rpcUrl(): string {
    return this.server.url;
  }

  /** How it is not there at the moment, if it is not. Setting it cuts off the calls that hang. */
  set fail(failure: NodeFailure | undefined) {
    this.failure = failure;
    this.gate.open();
  }

  get fail(): NodeFailure | undefined {
    return this.failure;
  }

  /** Whether what is sent to it gets lost on its way to a block, as happens on the real chain: the sender hears nothing of it. */
  set losesTransactions(isLosing: boolean) {
    this.bank.losesTransactions = isLosing;
  }

  /** As it is at the start: there, and making blocks. */
  recover(): void {
    this.fail = undefined;
    this.losesTransactions = false;
    this.startBlocks();
  }

  startBlocks(): void {
    if (this.timer !== undefined) return;
    let isBusy = false;
    this.timer = setInterval(() => {
      if (isBusy) return;
      isBusy = true;
      this.bank
        .produceBlock()
        .catch((error: unknown) => process.emitWarning(error instanceof Error ? error : String(error)))
        .finally(() => (isBusy = false));
    }, this.blockMs);
    this.timer.unref();
  }

  /** The node goes on answering; what is sent to it waits. */
  stopBlocks(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  /** At once, beside those that the clock makes. */
  async produceBlocks(count: number): Promise<void> {
    for (let made = 0; made < count; made += 1) await this.bank.produceBlock();
  }

  /** Lets the clock of the blocks run ahead of this machine's, from a new block on. */
  async passTime(seconds: number): Promise<void> {
    this.bank.aheadMs += seconds * 1_000;
    await this.produceBlocks(1);
  }

  height(commitment: Commitment = 'processed'): number {
    return this.bank.blocks.at(commitment).height;
  }

  /** Sets the owner's USDC, whatever it was, in every block there is; makes the account for it. */
  async fund(owner: string, microUsd: bigint, mint: Address = SOLANA_USDC): Promise<void> {
    const wallet = toAddress(owner);
    const place = await associatedTokenAccount(wallet, mint);
    await this.bank.set(() => tokenAccount(place, { mint, owner: wallet, amount: microUsd }));
  }

  async fundSol(owner: string, sol: bigint): Promise<void> {
    const wallet = toAddress(owner);
    await this.bank.set(() => emptyAccount(wallet, sol * SOL_LAMPORTS));
  }

  /** USDC in the newest block; 0 also where there is no account. */
  async balanceOf(owner: string): Promise<bigint> {
    const place = await associatedTokenAccount(toAddress(owner));
    return readTokenAccount(this.bank.accounts.at(place, this.height()))?.amount ?? 0n;
  }

  /** As sendTransaction does, preflight included; a refusal is thrown. It is in the next block. */
  async send(base64: string): Promise<string> {
    const settings = { encoding: 'base64', preflightCommitment: 'processed' };
    return (await sendingMethods(this.bank)['sendTransaction']?.([base64, settings])) as string;
  }

  /** From now on it says that it keeps nothing of what is older than the last final block. */
  forget(): void {
    this.bank.blocks.forget();
  }

  /** Payments that succeeded and that this owner signed, oldest first. */
  transfersFrom(owner: string): SolanaTransfer[] {
    const succeeded = this.bank.history.oldestFirst().filter(({ error }) => error === null);
    return succeeded.flatMap(({ transaction, signature: id, after }) =>
      transfersIn(transaction)
        .filter(({ authority, mint }) => authority === owner && mint === SOLANA_USDC)
        .map(({ destination, amount }) => ({
          to: after.tokens.find(({ accountIndex }) => transaction.accounts[accountIndex] === destination)?.owner ?? destination,
          amountMicroUsd: amount,
          transaction: id,
          signature: signatureOf(transaction, owner) ?? '',
        })),
    );
  }

  async stop(): Promise<void> {
    this.stopBlocks();
    await this.server.stop();
    await this.bank.stop();
  }

  private remember(call: RpcCall): void {
    this.calls.push(call);
    if (this.calls.length > KEPT_CALLS) this.calls.shift();
  }
}
