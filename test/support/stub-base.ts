import { encodeAbiParameters, encodeEventTopics, type Hex, keccak256, numberToHex, pad, parseAbi, toHex } from 'viem';
import { StubNode } from './stub-node.js';
import { TEST_PAYER, USDC } from './offers.js';

const EVENTS = parseAbi([
  'event Transfer(address indexed from, address indexed to, uint256 value)',
  'event AuthorizationUsed(address indexed authorizer, bytes32 indexed nonce)',
  'event AuthorizationCanceled(address indexed authorizer, bytes32 indexed nonce)',
]);

const FIRST_SECOND = 1_686_789_346n;

/** The hash of the transaction of a block. */
export function transactionOf(block: bigint): Hex {
  return keccak256(toHex(block));
}

interface Log {
  block: bigint;
  topics: Hex[];
  data: Hex;
}

/**
 * A Base of any length that costs nothing: a block every two seconds since the middle of 2023, each with at most one
 * transaction of the token.
 */
export class StubBase {
  /** What `authorizationState` says of every authorization. */
  isUsed = false;
  private readonly logs: Log[] = [];

  private constructor(
    readonly node: StubNode,
    readonly latest: bigint,
  ) {}

  static async start(latest: bigint): Promise<StubBase> {
    const node = await StubNode.start({});
    const base = new StubBase(node, latest);
    Object.assign(node.answers, {
      eth_chainId: () => '0x2105',
      eth_getBlockByNumber: (block: Hex | 'latest') => base.block(block === 'latest' ? latest : BigInt(block)),
      eth_call: () => pad(numberToHex(base.isUsed ? 1 : 0)),
      eth_getLogs: (filter: { fromBlock: Hex; toBlock: Hex }) => base.logsIn(BigInt(filter.fromBlock), BigInt(filter.toBlock)),
    });
    return base;
  }

  timeOf(block: bigint): bigint {
    return FIRST_SECOND + 2n * block;
  }

  /** The block that has this instant. */
  blockAt(iso: string): bigint {
    return (BigInt(Date.parse(iso)) / 1000n - FIRST_SECOND) / 2n;
  }

  /** Adds what the token tells when it takes a payment. */
  take(block: bigint, nonce: Hex, amountMicroUsd: bigint): void {
    this.note(block, 'AuthorizationUsed', { authorizer: TEST_PAYER, nonce });
    this.transfer(block, amountMicroUsd);
  }

  transfer(block: bigint, amountMicroUsd: bigint): void {
    const data = encodeAbiParameters([{ type: 'uint256' }], [amountMicroUsd]);
    const topics = encodeEventTopics({ abi: EVENTS, eventName: 'Transfer', args: { from: TEST_PAYER, to: USDC } });
    this.logs.push({ block, topics: topics as Hex[], data });
  }

  note(block: bigint, eventName: 'AuthorizationUsed' | 'AuthorizationCanceled', args: { authorizer: Hex; nonce: Hex }): void {
    this.logs.push({ block, topics: encodeEventTopics({ abi: EVENTS, eventName, args }) as Hex[], data: '0x' });
  }

  /** First and last block of every question for logs, in their order. */
  rangesAsked(): { first: bigint; last: bigint }[] {
    return this.node.paramsOf('eth_getLogs').map(([filter]) => {
      const { fromBlock, toBlock } = filter as { fromBlock: Hex; toBlock: Hex };
      return { first: BigInt(fromBlock), last: BigInt(toBlock) };
    });
  }

  private block(number: bigint): object | null {
    if (number > this.latest) return null;
    return { number: numberToHex(number), timestamp: numberToHex(this.timeOf(number)), hash: transactionOf(number), transactions: [] };
  }

  private logsIn(first: bigint, last: bigint): object[] {
    return this.logs
      .filter(({ block }) => block >= first && block <= last)
      .map(({ block, topics, data }, index) => ({
        address: USDC,
        topics,
        data,
        blockNumber: numberToHex(block),
        blockHash: transactionOf(block),
        transactionHash: transactionOf(block),
        transactionIndex: '0x0',
        logIndex: numberToHex(index),
        removed: false,
      }));
  }
}
