/** Constant bytes on the wire, made once: neither the mock upstream nor the load generator has work that could hide the proxy's. */

export const UPSTREAM_PATH = '/api/v1/chat/completions';
export const FREE_MODEL = 'nvidia/gpt-oss-120b';
export const PAID_MODEL = 'openai/gpt-5.4-mini';

export const STREAM_MARK = '"stream":true';
const WORD = 'benchmark';

const USER_LENGTH = 12;
let bodies = 0;

export interface CallKind {
  readonly paid: boolean;
  readonly streamed: boolean;
}

export function isSameKind(one: CallKind, other: CallKind): boolean {
  return one.paid === other.paid && one.streamed === other.streamed;
}

/**
 * Bodies of one kind and one length, each of them another: a client that sends the same one again gets the proxy's first answer. They are
 * cut and joined, not serialized, so that the caller's work stays small.
 */
export function requestBodies({ paid, streamed }: CallKind): () => string {
  const messages = [
    { role: 'system', content: 'You are a helpful assistant that answers in one paragraph.' },
    { role: 'user', content: 'What does a proxy add to a call? '.repeat(8) },
  ];
  const user = '#'.repeat(USER_LENGTH);
  const body = JSON.stringify({ model: paid ? PAID_MODEL : FREE_MODEL, messages, max_tokens: 256, user, stream: streamed });
  const [before = '', after = ''] = body.split(user);
  return () => before + String((bodies += 1)).padStart(USER_LENGTH, '0') + after;
}

/** 0.002 USD: a usual price, far below what one request may cost. */
const OFFER = {
  scheme: 'exact',
  network: 'eip155:8453',
  amount: '2000',
  asset: '0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913',
  payTo: '0xb10C000000000000000000000000000000000402',
  maxTimeoutSeconds: 300,
  extra: { name: 'USD Coin', version: '2' },
};
const resourceAt = (origin: string) => ({ url: origin + UPSTREAM_PATH, description: 'Chat completion', mimeType: 'application/json' });

/** The price of what was asked for at an upstream of this origin: a resource that is elsewhere would not be paid. */
export function challengeHeaders(origin: string): Record<string, string> {
  return {
    'content-type': 'application/json',
    'payment-required': base64({ x402Version: 2, accepts: [OFFER], resource: resourceAt(origin) }),
  };
}

export const CHALLENGE_BODY = Buffer.from(
  JSON.stringify({
    error: 'Payment Required',
    message: 'This endpoint requires x402 payment',
    price: { amount: '0.002000', currency: 'USD' },
  }),
);

/** What a payer would send, in its size. Nobody verifies it here. */
export const PAYMENT_SIGNATURE = base64({
  x402Version: 2,
  resource: resourceAt('http://127.0.0.1:40000'),
  accepted: OFFER,
  payload: {
    signature: `0x${'ab'.repeat(65)}`,
    authorization: {
      from: `0x${'cd'.repeat(20)}`,
      to: OFFER.payTo,
      value: OFFER.amount,
      validAfter: '1700000000',
      validBefore: '1700000300',
      nonce: `0x${'ef'.repeat(32)}`,
    },
  },
});

export const RECEIPT = base64({
  success: true,
  transaction: `0x${'12'.repeat(32)}`,
  network: OFFER.network,
  payer: `0x${'cd'.repeat(20)}`,
});

const FACTS = { id: 'chatcmpl-benchmark', created: 1_790_000_000, model: 'benchmark' };

export function completion(tokens: number): Buffer {
  const message = { role: 'assistant', content: Array(tokens).fill(WORD).join(' '), refusal: null };
  const usage = { prompt_tokens: 80, completion_tokens: tokens, total_tokens: 80 + tokens };
  const choices = [{ index: 0, message, logprobs: null, finish_reason: 'stop' }];
  return Buffer.from(JSON.stringify({ ...FACTS, object: 'chat.completion', choices, usage }));
}

/** A stream in three pieces: what comes before any text, the first token, and all that follows. */
export function streamPieces(tokens: number): { opening: Buffer; firstToken: Buffer; rest: Buffer } {
  const chunk = (delta: object, finish_reason: string | null = null) => {
    const choices = [{ index: 0, delta, logprobs: null, finish_reason }];
    return `data: ${JSON.stringify({ ...FACTS, object: 'chat.completion.chunk', choices })}\n\n`;
  };
  const following = Array<string>(tokens - 1).fill(chunk({ content: ` ${WORD}` }));
  return {
    opening: Buffer.from(chunk({ role: 'assistant', content: '' })),
    firstToken: Buffer.from(chunk({ content: WORD })),
    rest: Buffer.from([...following, chunk({}, 'stop'), 'data: [DONE]\n\n'].join('')),
  };
}

function base64(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64');
}
