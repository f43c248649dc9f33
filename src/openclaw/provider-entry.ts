import type { Model } from '../models/model.js';
import type { Json, JsonObject } from './json-edit.js';

export const PROVIDER = 'blockrun-x402';
/** OpenClaw asks for this many tokens in every turn, and the seller charges a part of what is asked for, not of what is made. */
export const MAX_TOKENS = 8192;

/** What of this proxy's settings OpenClaw has to know. */
export interface ProxyFacts {
  baseUrl: string;
  /** Undefined: clients send none. */
  token: string | undefined;
  timeoutMs: number;
  models: readonly Model[];
}

/** Where a client on this machine reaches a proxy that listens there. Undefined with port 0: then nobody knows it beforehand. */
export function baseUrlOf({ host, port }: { host: string; port: number }): string | undefined {
  if (port === 0) return undefined;
  const isEverywhere = host === '0.0.0.0' || host === '::' || host === '[::]';
  const name = isEverywhere ? '127.0.0.1' : host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
  return `http://${name}:${port}/v1`;
}

export function modelRef(id: string): string {
  return `${PROVIDER}/${id}`;
}

/**
 * The provider as OpenClaw's configuration has it. Model ids stand without the provider's name: OpenClaw sends them as they are.
 * There is no `apiKey` unless the proxy wants a token: with one, OpenClaw locks the provider out for minutes after some errors.
 */
export function providerEntry({ baseUrl, token, timeoutMs, models }: ProxyFacts): JsonObject {
  return {
    baseUrl,
    ...(token === undefined ? {} : { apiKey: token }),
    api: 'openai-completions',
    // The proxy gives up first, and says what became of the payment.
    timeoutSeconds: Math.ceil(timeoutMs / 1000) + 20,
    ...(isTrustedByOpenClaw(baseUrl) ? {} : { request: { allowPrivateNetwork: true } }),
    models: models.map(modelEntry),
  };
}

function modelEntry(model: Model): JsonObject {
  const { id, name = id, contextWindow, maxOutputTokens = MAX_TOKENS, inputKinds } = model;
  return {
    id,
    name: `${name} (BlockRun)`,
    reasoning: false,
    input: [...(inputKinds ?? ['text'])],
    ...costOf(model),
    ...(contextWindow === undefined ? {} : { contextWindow }),
    maxTokens: Math.min(maxOutputTokens, MAX_TOKENS),
    // Turns of one conversation can be told apart by the headers that this adds.
    compat: { sendSessionAffinityHeaders: true },
  };
}

/** USD per million tokens. The seller's price is fixed before the answer, so a token that the model's cache knew costs what others cost. */
function costOf({ inputUsdPerMillionTokens: inputUsd, outputUsdPerMillionTokens: outputUsd }: Model): { cost?: Json } {
  if (inputUsd === undefined || outputUsd === undefined) return {};
  const input = Number(inputUsd);
  return { cost: { input, output: Number(outputUsd), cacheRead: input, cacheWrite: input } };
}

/** Addresses of this machine need no permission. */
function isTrustedByOpenClaw(baseUrl: string): boolean {
  const { hostname } = new URL(baseUrl);
  return hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.');
}
