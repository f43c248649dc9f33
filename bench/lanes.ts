import { Caller, type Answered, type CallTimes } from './caller.js';
import type { Children } from './children.js';
import { isSameKind, PAYMENT_SIGNATURE, requestBodies, UPSTREAM_PATH, type CallKind } from './wire.js';

export type Way = 'direct' | 'pipe' | 'proxy' | 'gateway';

/** One kind of call made in one way. All lanes of a kind end in the same answer of the same upstream. */
export interface Lane extends CallKind {
  readonly name: string;
  readonly way: Way;
  /** The process whose CPU time the lane costs; undefined where nothing stands between. */
  readonly pid: number | undefined;
  /** @throws when the answer is not the one that the lane is about */
  readonly call: () => Promise<CallTimes>;
}

export interface Lanes {
  readonly all: readonly Lane[];
  close(): Promise<void>;
}

const PROXY_PATH = '/v1/chat/completions';
const COST_HEADER = 'x-blockrun-proxy-booked-cost-usd';

export function openLanes({ upstream, pipe, proxy }: Children, connections: number): Lanes {
  const direct = new Caller(upstream.url, UPSTREAM_PATH, connections);
  const piped = new Caller(pipe.url, UPSTREAM_PATH, connections);
  const proxied = new Caller(proxy.url, PROXY_PATH, connections);
  const lanes = [false, true].flatMap((streamed): Lane[] => {
    const free = { paid: false, streamed };
    const paid = { paid: true, streamed };
    return [
      { ...free, name: 'direct', way: 'direct', pid: undefined, call: freely(direct, free) },
      { ...free, name: 'pipe', way: 'pipe', pid: pipe.pid, call: freely(piped, free) },
      { ...free, name: 'proxy', way: 'proxy', pid: proxy.pid, call: booked(proxied, free) },
      { ...paid, name: 'two round trips', way: 'direct', pid: undefined, call: askedThenPaid(direct, paid) },
      { ...paid, name: 'proxy', way: 'proxy', pid: proxy.pid, call: booked(proxied, paid) },
    ];
  });
  return {
    all: lanes,
    async close() {
      for (const caller of [direct, piped, proxied]) await caller.close();
    },
  };
}

export function kindName({ paid, streamed }: CallKind): string {
  return `${paid ? 'paid' : 'free'} ${streamed ? 'stream' : 'JSON'}`;
}

/** What is added is counted from the same kind of call without anything between. */
export function floorOf(lane: CallKind, lanes: readonly Lane[]): Lane | undefined {
  return lanes.find((other) => other.way === 'direct' && isSameKind(other, lane));
}

export function freely(caller: Caller, kind: CallKind, headers: Record<string, string> = {}): () => Promise<CallTimes> {
  const nextBody = requestBodies(kind);
  return async () => expectAnswer(await caller.post(nextBody(), headers), kind);
}

/** The floor of a paid call: ask, then send the same body with a payment that was signed long before. */
function askedThenPaid(caller: Caller, kind: CallKind): () => Promise<CallTimes> {
  const nextBody = requestBodies(kind);
  return async () => {
    const body = nextBody();
    const asked = await caller.post(body);
    if (asked.status !== 402) throw new Error(`the upstream asked for no payment: status ${asked.status}`);
    const { firstTokenMs, totalMs } = expectAnswer(await caller.post(body, { 'payment-signature': PAYMENT_SIGNATURE }), kind);
    return { firstTokenMs: asked.totalMs + firstTokenMs, totalMs: asked.totalMs + totalMs };
  };
}

function booked(caller: Caller, kind: CallKind): () => Promise<CallTimes> {
  const nextBody = requestBodies(kind);
  return async () => {
    const answered = expectAnswer(await caller.post(nextBody()), kind);
    // A stream's cost is known before its first byte, so both kinds have the header.
    const costUsd = Number(answered.header(COST_HEADER));
    if (kind.paid !== costUsd > 0) throw new Error(`the proxy booked ${costUsd} USD for a ${kindName(kind)}`);
    return answered;
  };
}

function expectAnswer(answered: Answered, { streamed }: CallKind): Answered {
  const { status, firstTokenMs } = answered;
  if (status !== 200) throw new Error(`a call was answered with status ${status}`);
  if (streamed === Number.isNaN(firstTokenMs)) throw new Error(streamed ? 'a stream had no text' : 'an answer was streamed unasked');
  return answered;
}
