import { getBase58Decoder } from '@solana/kit';
import { FINALITY_BLOCKS, MAX_BLOCKHASH_AGE_BLOCKS } from './mainnet.js';

export type Commitment = 'processed' | 'confirmed' | 'finalized';

export interface Block {
  readonly height: number;
  readonly slot: number;
  readonly blockhash: string;
  readonly unixSeconds: number;
}

/** About where mainnet is. Heights and slots differ, as they do there, so that nobody takes the one for the other. */
const FIRST_HEIGHT = 360_000_000;
const FIRST_SLOT = 382_000_000;
/** Every so many blocks a leader misses its slot. */
const BLOCKS_PER_MISSED_SLOT = 20;
const BLOCKS_BEHIND: Readonly<Record<Commitment, number>> = { processed: 0, confirmed: 1, finalized: FINALITY_BLOCKS };
const BLOCKS_AT_START = FINALITY_BLOCKS + 8;
/** How old the oldest block is: nodes keep much of the past. */
const PAST_MS = 30 * 86_400_000;

/** The chain of blocks, which has no forks. */
export class BlockLine {
  private readonly blocks: Block[] = [];
  private readonly byHash = new Map<string, Block>();
  private readonly bySlot = new Map<number, Block>();
  private forgotten = 0;

  constructor(unixMs: number, blockMs: number) {
    this.add(this.next(unixMs - PAST_MS));
    for (let left = BLOCKS_AT_START; left > 0; left -= 1) this.add(this.next(unixMs - left * blockMs));
  }

  /** The block that comes next; it is not in the line before it is added. */
  next(unixMs: number): Block {
    const last = this.blocks.at(-1);
    const height = last === undefined ? FIRST_HEIGHT : last.height + 1;
    const slot = last === undefined ? FIRST_SLOT : last.slot + (height % BLOCKS_PER_MISSED_SLOT === 0 ? 2 : 1);
    const blockhash = getBase58Decoder().decode(crypto.getRandomValues(new Uint8Array(32)));
    return { height, slot, blockhash, unixSeconds: Math.max(last?.unixSeconds ?? 0, Math.floor(unixMs / 1000)) };
  }

  add(block: Block): void {
    this.blocks.push(block);
    this.byHash.set(block.blockhash, block);
    this.bySlot.set(block.slot, block);
  }

  at(commitment: Commitment): Block {
    return this.blocks[this.blocks.length - 1 - BLOCKS_BEHIND[commitment]]!;
  }

  /** The oldest that is still there. */
  get first(): Block {
    return this.blocks[this.forgotten]!;
  }

  /** As a node does that keeps little: what is older than the last final block is not there any more. */
  forget(): void {
    this.forgotten = this.blocks.length - 1 - BLOCKS_BEHIND.finalized;
  }

  atSlot(slot: number): Block | undefined {
    return this.bySlot.get(slot);
  }

  /** How surely a block stays. */
  commitmentOf({ height }: { readonly height: number }): Commitment {
    if (height <= this.at('finalized').height) return 'finalized';
    return height <= this.at('confirmed').height ? 'confirmed' : 'processed';
  }

  /** Whether the block after `tip` may hold a transaction with this blockhash. */
  isRecent(blockhash: string, tip: Block): boolean {
    const block = this.byHash.get(blockhash);
    return block !== undefined && block.height <= tip.height && tip.height - block.height <= MAX_BLOCKHASH_AGE_BLOCKS;
  }
}
