import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Fault } from '../../sandbox/block-run/faults.js';
import type { World } from '../../sandbox/world.js';
import { providerEntry } from '../../src/openclaw/provider-entry.js';
import { MODEL, ProxyUnderTest } from '../e2e/proxy.js';
import { RealOpenClaw, type Turn } from './real-openclaw.js';

export interface TurnCase {
  environment?: Record<string, string>;
  fault?: Fault;
  model?: string;
  message?: string;
  timeoutSeconds?: number;
  /** What goes on at the proxy meanwhile. Returns how to end it. */
  meanwhile?: (proxy: ProxyUnderTest, statuses: readonly number[]) => () => Promise<void>;
}

/** One turn of the real OpenClaw, as the proxy, the seller and the user saw it. */
export interface MeasuredTurn {
  turn: Turn;
  /** What the user sees. */
  text: string;
  /** How often OpenClaw asked the proxy. */
  requests: number;
  statuses: number[];
  /** How many payments were sent to the seller. */
  payments: number;
}

/** Runs one turn against a proxy of its own with the seller's fault. */
export async function measuredTurn(world: World, { environment, fault, model = MODEL, ...how }: TurnCase): Promise<MeasuredTurn> {
  const openClaw = new RealOpenClaw();
  const proxy = await ProxyUnderTest.start({ world, environment: { BLOCKRUN_TIMEOUT_MS: '20000', ...environment } });
  const statuses: number[] = [];
  const end = how.meanwhile?.(proxy, statuses);
  proxy.app.getHttpServer().on('request', ({ headers }: IncomingMessage, response: ServerResponse) => {
    if (headers['x-stainless-lang'] === undefined) return; // not OpenClaw's
    response.on('close', () => statuses.push(response.statusCode));
  });
  const { paidSends } = world.seller;
  world.seller.faults.always = fault;
  try {
    const facts = { baseUrl: `${proxy.url}/v1`, token: undefined, timeoutMs: 20_000, models: [{ id: model }] };
    openClaw.writeConfig(JSON.stringify({ models: { providers: { 'blockrun-x402': providerEntry(facts) } } }));
    const words = ['--model', `blockrun-x402/${model}`, '--timeout', String(how.timeoutSeconds ?? 200)];
    const turn = await openClaw.turn(how.message ?? 'Say hello in one word.', words);
    const text = turn.ok ? (turn.final ?? '') : (turn.error?.message ?? '');
    return { turn, text, requests: statuses.length, statuses: [...new Set(statuses)], payments: world.seller.paidSends - paidSends };
  } finally {
    world.seller.faults.always = undefined;
    await end?.();
    await world.seller.idle();
    await proxy.remove();
    openClaw.remove();
  }
}
