import { createSolanaRpcFromTransport, isSolanaError, type Rpc, type RpcTransport, type SolanaRpcApi } from '@solana/kit';
import { request } from 'undici';
import { CodedError } from '../errors/coded-error.js';
import { SOLANA_USDC } from '../money/usdc.js';
import { boundedText } from '../payment/bounded-text.js';

const TIMEOUT_MS = 10_000;
/** A page of a thousand transactions is a tenth of it. */
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;

/** A JSON-RPC node of Solana's main network. Errors never show its URL: it may hold a key. */
export class SolanaNode {
  private readonly rpc: Rpc<SolanaRpcApi>;
  private isMainNetwork: Promise<void> | undefined;

  constructor(url: URL) {
    this.rpc = createSolanaRpcFromTransport(transportTo(url));
  }

  /** @throws CodedError chain_unavailable where the node gives no answer in time, another one than was asked for, or is of another network */
  async ask<T>(question: (rpc: Rpc<SolanaRpcApi>, within: { abortSignal: AbortSignal }) => Promise<T>): Promise<T> {
    try {
      this.isMainNetwork ??= this.checkNetwork();
      await this.isMainNetwork;
      return await question(this.rpc, { abortSignal: AbortSignal.timeout(TIMEOUT_MS) });
    } catch (cause) {
      this.isMainNetwork = undefined;
      if (cause instanceof CodedError) throw cause;
      throw new CodedError(
        'chain_unavailable',
        `The node of BLOCKRUN_SOLANA_RPC_URL gives no answer that can be used (${reasonFor(cause)}).`,
      );
    }
  }

  private async checkNetwork(): Promise<void> {
    const genesisHash = await this.rpc.getGenesisHash().send({ abortSignal: AbortSignal.timeout(TIMEOUT_MS) });
    if (String(genesisHash) === SOLANA_USDC.genesisHash) return;
    throw new CodedError('chain_unavailable', "BLOCKRUN_SOLANA_RPC_URL is a node of another network than Solana's main one.");
  }
}

/** The node answered, and not with 200. */
class StatusError extends Error {
  constructor(readonly status: number) {
    super(`status ${status}`);
  }
}

/**
 * Ours and not kit's, whose `fetch` of Node's own fails in a process that has loaded another undici. Kit itself makes bigints of the numbers;
 * those that are read here (slots, heights, times) are far below 2^53, and amounts are texts.
 */
function transportTo(url: URL): RpcTransport {
  return async <TResponse>({ payload, signal }: Parameters<RpcTransport>[0]) => {
    const { statusCode, body } = await request(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify(payload),
      ...(signal && { signal }),
    });
    if (statusCode !== 200) {
      await body.dump();
      throw new StatusError(statusCode);
    }
    return JSON.parse(await boundedText(body, MAX_ANSWER_BYTES)) as TResponse;
  };
}

/** Names and numbers alone: the texts of these errors quote what they were about. */
function reasonFor(cause: unknown): string {
  if (cause instanceof StatusError) return cause.message;
  if (isSolanaError(cause)) return `error ${cause.context.__code}`;
  return cause instanceof Error ? cause.name : 'unknown';
}
