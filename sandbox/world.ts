import { createKeyPairSignerFromPrivateKeyBytes, getBase58Decoder } from '@solana/kit';
import type { Address, Hex } from 'viem';
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts';
import { BASE } from './block-run/base.network.js';
import type { PaymentNetwork } from './block-run/payment-network.js';
import { solanaNetwork } from './block-run/solana.network.js';
import { BlockRunStandIn } from './block-run-stand-in.js';
import { startChain, type Chain } from './chain.js';
import { startFacilitator } from './facilitator.js';
import type { Facilitator } from './facilitator.server.js';
import { startSignatureOnlyFacilitator } from './signature-only-facilitator.js';
import { startSolanaFacilitator } from './solana/facilitator.js';
import { SOLANA_FOREIGN_PAYEE, SOLANA_TREASURY } from './solana/mainnet.js';
import { SolanaNode } from './solana/node.js';

export interface WorldOptions {
  /** Where the seller is paid; 'base' if nothing is said. */
  readonly network?: 'base' | 'solana';
  /** On Base: 'none' verifies signatures only, and nothing is ever settled. */
  readonly chain?: 'anvil' | 'none';
  /** On Solana: how long a block takes. */
  readonly blockMs?: number;
  readonly walletMicroUsd?: bigint;
  readonly onProgress?: (line: string) => void;
}

export interface SolanaWallet {
  /** In base58, as is the key: the 32 bytes of the seed, which is how AgentCash keeps it. */
  readonly address: string;
  readonly privateKey: string;
}

export interface Wallet {
  readonly address: Address;
  readonly privateKey: Hex;
  readonly solana?: SolanaWallet;
}

export interface World {
  readonly chain?: Chain;
  readonly solana?: SolanaNode;
  readonly facilitatorUrl: string;
  readonly seller: BlockRunStandIn;
  /** Fresh in every world, and worth nothing outside it. */
  readonly wallet: Wallet;
  readonly treasury: string;
  /** Leaves no process and no open handle behind; calling it again is harmless. */
  stop(): Promise<void>;
}

export interface SolanaWorld extends World {
  readonly solana: SolanaNode;
  readonly wallet: Wallet & { readonly solana: SolanaWallet };
  /** Of the facilitator: who pays the fee of every payment. */
  readonly feePayer: string;
  /** Its signature added to a transaction, and nothing sent: for a test that presents the transaction itself. Base64 in and out. */
  readonly coSign: (transaction: string) => Promise<string>;
}

const FUNDING_MICRO_USD = 5_000_000n;

type Start = <Part extends { stop(): Promise<void> }>(part: Part, line: string) => Part;

/** A chain, a facilitator, a seller and a funded wallet, all on this machine. What was started is stopped again if a later part fails. */
export function startWorld(options: WorldOptions & { readonly network: 'solana' }): Promise<SolanaWorld>;
export function startWorld(options?: WorldOptions): Promise<World>;
export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const { onProgress = () => undefined } = options;
  const parts: { stop(): Promise<void> }[] = [];
  const started: Start = (part, line) => {
    parts.unshift(part);
    onProgress(line);
    return part;
  };
  // Last started, first stopped: a stream that the seller still settles needs the facilitator, and that needs the chain.
  const stopAll = async () => {
    for (const part of parts) await part.stop();
  };
  let stopped: Promise<void> | undefined;

  try {
    const { network, facilitator, ...rest } = await (options.network === 'solana' ? startOnSolana : startOnBase)(options, started);
    const seller = await BlockRunStandIn.start({ facilitator: facilitator.url, network });
    started(seller, `Seller: a stand-in for BlockRun at ${seller.url}`);
    // What the seller still settles at the end waits for blocks, and a test may have stopped those.
    if ('solana' in rest) parts.unshift({ stop: () => Promise.resolve(rest.solana.recover()) });
    return { ...rest, facilitatorUrl: facilitator.url, seller, treasury: seller.payTo, stop: () => (stopped ??= stopAll()) };
  } catch (error) {
    await stopAll();
    throw error;
  }
}

type Ground = Pick<SolanaWorld, 'wallet' | 'solana' | 'feePayer' | 'coSign'> | Pick<World, 'wallet' | 'chain'>;
type Opened = Ground & { readonly network: PaymentNetwork; readonly facilitator: Facilitator };

async function startOnBase({ chain: kind, walletMicroUsd = FUNDING_MICRO_USD }: WorldOptions, started: Start): Promise<Opened> {
  const wallet = newWallet();
  const chain = kind === 'none' ? undefined : await startChain();
  if (chain !== undefined) {
    started(chain, `Chain: anvil as Base (8453) at ${chain.rpcUrl}, USDC at its real address`);
    await chain.fund(wallet.address, walletMicroUsd);
  }
  const facilitator = await (chain === undefined ? startSignatureOnlyFacilitator() : startFacilitator({ rpcUrl: chain.rpcUrl }));
  started(facilitator, `Facilitator: ${facilitator.url}${chain === undefined ? ' (signatures only, nothing is settled)' : ''}`);
  return { ...(chain === undefined ? {} : { chain }), network: BASE, facilitator, wallet };
}

async function startOnSolana({ blockMs, walletMicroUsd = FUNDING_MICRO_USD }: WorldOptions, started: Start): Promise<Opened> {
  const solana = await SolanaNode.start(blockMs === undefined ? {} : { blockMs });
  started(solana, `Chain: LiteSVM as Solana mainnet at ${solana.rpcUrl}, USDC at its real address`);
  const wallet = { ...newWallet(), solana: await newSolanaWallet() };
  await solana.fund(wallet.solana.address, walletMicroUsd);
  // A payment needs an account that takes it; a transfer does not make one.
  for (const payee of [SOLANA_TREASURY, SOLANA_FOREIGN_PAYEE]) await solana.fund(payee, 0n);
  const facilitator = await startSolanaFacilitator(solana);
  const { feePayer, coSign } = facilitator;
  started(facilitator, `Facilitator: ${facilitator.url}, fees paid by ${feePayer}`);
  return { solana, network: solanaNetwork({ feePayer, buyer: wallet.solana.address }), facilitator, feePayer, coSign, wallet };
}

function newWallet(): Wallet {
  const privateKey = generatePrivateKey();
  return { address: privateKeyToAccount(privateKey).address, privateKey };
}

async function newSolanaWallet(): Promise<SolanaWallet> {
  const seed = crypto.getRandomValues(new Uint8Array(32));
  const { address } = await createKeyPairSignerFromPrivateKeyBytes(seed);
  return { address, privateKey: getBase58Decoder().decode(seed) };
}
