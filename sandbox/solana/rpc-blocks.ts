import type { Bank } from './bank.js';
import type { Block } from './block-line.js';
import { GENESIS_HASH, MAX_BLOCKHASH_AGE_BLOCKS, SLOTS_IN_EPOCH } from './mainnet.js';
import { invalidParams, RpcError } from './rpc-error.js';
import { commitmentOf, settingsAt, type Params } from './rpc-params.js';

export type Methods = Readonly<Record<string, (params: Params) => unknown>>;

export const API_VERSION = '2.2.16';

/** What most answers are wrapped in: the slot for which they hold. */
export function inContext<Value>({ slot }: Block, value: Value) {
  return { context: { apiVersion: API_VERSION, slot }, value };
}

/** The methods about the node and its blocks. */
export function blockMethods({ blocks, history }: Bank): Methods {
  const blockFor = (params: Params, index = 0) => blocks.at(commitmentOf(settingsAt(params, index)));
  return {
    getHealth: () => 'ok',
    getVersion: () => ({ 'solana-core': API_VERSION, 'feature-set': 3_073_396_398 }),
    getGenesisHash: () => GENESIS_HASH,
    getSlot: (params) => blockFor(params).slot,
    getBlockHeight: (params) => blockFor(params).height,
    getFirstAvailableBlock: () => blocks.first.slot,
    getLatestBlockhash(params) {
      const block = blockFor(params);
      return inContext(block, { blockhash: block.blockhash, lastValidBlockHeight: block.height + MAX_BLOCKHASH_AGE_BLOCKS });
    },
    isBlockhashValid(params) {
      const block = blockFor(params, 1);
      if (typeof params[0] !== 'string') throw invalidParams('Invalid param: Invalid');
      return inContext(block, blocks.isRecent(params[0], block));
    },
    getBlockTime([slot]) {
      if (typeof slot !== 'number') throw invalidParams('Invalid params: expected a slot.');
      if (slot > blocks.at('finalized').slot) throw new RpcError(-32004, `Block not available for slot ${slot}`);
      const block = blocks.atSlot(slot);
      if (block === undefined) throw new RpcError(-32009, `Slot ${slot} was skipped, or missing in long-term storage`);
      return block.unixSeconds;
    },
    getEpochInfo(params) {
      const { slot, height } = blockFor(params);
      const [epoch, slotIndex] = [Math.floor(slot / SLOTS_IN_EPOCH), slot % SLOTS_IN_EPOCH];
      const transactionCount = history.count;
      return { absoluteSlot: slot, blockHeight: height, epoch, slotIndex, slotsInEpoch: SLOTS_IN_EPOCH, transactionCount };
    },
  };
}
