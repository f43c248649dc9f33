import {
  BaseError,
  createPublicClient,
  encodeEventTopics,
  formatLog,
  type Hex,
  http,
  numberToHex,
  pad,
  parseAbi,
  parseEventLogs,
  type PublicClient,
} from 'viem';
import { CodedError } from '../errors/coded-error.js';
import type { SignedAuthorization } from '../money/authorization.js';
import { BASE_USDC } from '../money/usdc.js';
import { MAX_VALIDITY_SECONDS } from '../payment/offer.js';
import type { AuthorizationUse, Chain, ChainTransfer, WalletBalances } from './chain.js';

/** The parts of the token that are asked (EIP-20, EIP-3009). */
const TOKEN = parseAbi([
  'event Transfer(address indexed from, address indexed to, uint256 value)',
  'event AuthorizationUsed(address indexed authorizer, bytes32 indexed nonce)',
  'event AuthorizationCanceled(address indexed authorizer, bytes32 indexed nonce)',
  'function balanceOf(address account) view returns (uint256)',
  'function authorizationState(address authorizer, bytes32 nonce) view returns (bool)',
]);

/** First topics of the three events. */
const EVENTS = (['Transfer', 'AuthorizationUsed', 'AuthorizationCanceled'] as const).map(
  (eventName) => encodeEventTopics({ abi: TOKEN, eventName })[0],
);

const TIMEOUT_MS = 10_000;
/** What public nodes allow in one question for logs. */
const BLOCKS_PER_QUESTION = 2000n;
/** A signer's clock and the chain's may differ by as much. */
const CLOCK_TOLERANCE_SECONDS = 600n;
/** How far apart blocks of Base are: only a first guess, the search corrects it. */
const SECONDS_PER_BLOCK = 2n;

interface Block {
  number: bigint;
  timestamp: bigint;
}

/** USDC on Base through a JSON-RPC node. Errors never show the node's URL: it may hold a key. */
export class RpcChain implements Chain, WalletBalances {
  private readonly client: PublicClient;
  private isBase: Promise<void> | undefined;

  constructor(url: URL) {
    this.client = createPublicClient({ transport: http(url.href, { timeout: TIMEOUT_MS, retryCount: 2 }) });
  }

  async useOf(authorization: SignedAuthorization): Promise<AuthorizationUse> {
    return this.ask(async () => {
      const { number: blockNumber, timestamp: asOf } = await this.latest();
      const { payer, nonce } = authorization;
      const isUsed = await this.client.readContract({
        address: BASE_USDC.asset,
        abi: TOKEN,
        functionName: 'authorizationState',
        args: [payer as Hex, nonce as Hex],
        blockNumber,
      });
      return isUsed ? this.endOf(authorization) : { kind: 'unused', asOf };
    });
  }

  async transfersFrom(wallet: string, { from, to }: { from: Date; to: Date }): Promise<ChainTransfer[]> {
    return this.ask(async () => {
      const seconds = (instant: Date) => BigInt(Math.floor(instant.getTime() / 1000));
      const logs = await this.logsOf(wallet, { from: seconds(from), to: seconds(to) });
      const transfers: ChainTransfer[] = [];
      for (const [index, log] of logs.entries()) {
        if (log.eventName !== 'Transfer') continue;
        // The token tells of the authorization right before the transfer that it makes by it.
        const before = logs[index - 1];
        const isAuthorized = before?.eventName === 'AuthorizationUsed' && before.transactionHash === log.transactionHash;
        transfers.push({
          transaction: log.transactionHash,
          payee: log.args.to,
          amountMicroUsd: log.args.value,
          nonce: isAuthorized ? before.args.nonce : undefined,
          at: new Date(Number((await this.block(log.blockNumber)).timestamp) * 1000),
        });
      }
      return transfers;
    });
  }

  async balanceOf(wallet: string): Promise<bigint> {
    return this.ask(() =>
      this.client.readContract({ address: BASE_USDC.asset, abi: TOKEN, functionName: 'balanceOf', args: [wallet as Hex] }),
    );
  }

  private async endOf({ payer, nonce, validBefore }: SignedAuthorization): Promise<AuthorizationUse> {
    // It can only have happened while the authorization lived, whenever somebody asks.
    const from = validBefore - BigInt(MAX_VALIDITY_SECONDS) - CLOCK_TOLERANCE_SECONDS;
    const logs = await this.logsOf(payer, { from, to: validBefore + CLOCK_TOLERANCE_SECONDS });
    const end = logs.find((log) => log.eventName !== 'Transfer' && log.args.nonce.toLowerCase() === nonce.toLowerCase());
    return end?.eventName === 'AuthorizationCanceled'
      ? { kind: 'void', reason: `the wallet canceled the authorization (${end.transactionHash})` }
      : { kind: 'used', transaction: end?.transactionHash };
  }

  /** Every event of the token that names the wallet as payer, in the blocks of these epoch seconds, in their order. */
  private async logsOf(wallet: string, seconds: { from: bigint; to: bigint }) {
    const latest = await this.latest();
    const first = await this.firstBlockSince(seconds.from, latest);
    const end = await this.firstBlockSince(seconds.to, latest);
    const topics = [EVENTS, pad(wallet as Hex)];
    const logs = [];
    for (let block = first; block < end; block += BLOCKS_PER_QUESTION) {
      const last = block + BLOCKS_PER_QUESTION > end ? end - 1n : block + BLOCKS_PER_QUESTION - 1n;
      const range = { fromBlock: numberToHex(block), toBlock: numberToHex(last) };
      const found = await this.client.request({ method: 'eth_getLogs', params: [{ address: BASE_USDC.asset, topics, ...range }] });
      logs.push(...found.map((log) => formatLog(log)));
    }
    return parseEventLogs({ abi: TOKEN, logs, strict: true });
  }

  /** The number of the first block at or after these epoch seconds; one more than the latest when there is none yet. */
  private async firstBlockSince(seconds: bigint, latest: Block): Promise<bigint> {
    if (seconds > latest.timestamp) return latest.number + 1n;
    let after = latest.number;
    let step = (latest.timestamp - seconds) / SECONDS_PER_BLOCK + 1n;
    let before = after > step ? after - step : 0n;
    while (before > 0n && (await this.block(before)).timestamp >= seconds) {
      [after, step] = [before, step * 2n];
      before = before > step ? before - step : 0n;
    }
    while (after - before > 1n) {
      const middle = (before + after) / 2n;
      if ((await this.block(middle)).timestamp >= seconds) after = middle;
      else before = middle;
    }
    return after;
  }

  private latest(): Promise<Block> {
    return this.client.getBlock({ blockTag: 'latest' });
  }

  private block(blockNumber: bigint): Promise<Block> {
    return this.client.getBlock({ blockNumber });
  }

  private async ask<T>(question: () => Promise<T>): Promise<T> {
    try {
      this.isBase ??= this.checkChain();
      await this.isBase;
      return await question();
    } catch (cause) {
      this.isBase = undefined;
      if (cause instanceof CodedError) throw cause;
      const reason = cause instanceof BaseError ? cause.shortMessage : cause instanceof Error ? cause.name : 'unknown';
      throw new CodedError('chain_unavailable', `The node of BLOCKRUN_RPC_URL gives no answer that can be used (${reason}).`);
    }
  }

  private async checkChain(): Promise<void> {
    const chainId = await this.client.getChainId();
    if (chainId === BASE_USDC.chainId) return;
    throw new CodedError('chain_unavailable', `BLOCKRUN_RPC_URL is a node of chain ${chainId}, not of Base (${BASE_USDC.chainId}).`);
  }
}
