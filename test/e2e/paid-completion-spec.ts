import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import OpenAI from 'openai';
import { startWorld, type World } from '../../sandbox/world.js';
import { formatUsd } from '../../src/money/micro-usd.js';
import { chatBody, chunksOf, dataOf, FREE_MODEL, MODEL, ProxyUnderTest } from './proxy.js';
import { until } from '../support/until.js';

describe('a paid completion', () => {
  let world: World;
  let proxy: ProxyUnderTest;

  beforeAll(async () => {
    world = await startWorld();
    proxy = await ProxyUnderTest.start({ world });
  });
  afterAll(async () => {
    await proxy.remove();
    await world.stop();
  });

  const lastTransfer = async () => {
    await world.seller.idle();
    return (await world.chain?.transfersFrom(world.wallet.address))?.at(-1);
  };

  it('costs in the headers, the ledger, the audit and on the chain what the seller quoted, and no more', async () => {
    const before = await proxy.budget();
    const balance = (await world.chain?.balanceOf(world.wallet.address)) ?? 0n;
    const answer = await proxy.chat();
    expect(answer.status).toBe(200);
    expect(answer.json.choices).toHaveLength(1);

    const transfer = await lastTransfer();
    const price = transfer?.amountMicroUsd ?? 0n;
    expect(price).toBeGreaterThan(0n);
    expect(answer.headers.get('x-blockrun-proxy-booked-cost-usd')).toBe(formatUsd(price));
    expect(answer.headers.get('x-blockrun-proxy-spent-today-usd')).toBe(formatUsd(before.spent + price));
    expect(answer.headers.get('x-blockrun-proxy-payment-tx')).toBe(transfer?.transaction);
    expect(await world.chain?.balanceOf(world.wallet.address)).toBe(balance - price);
    expect(await proxy.budget()).toMatchObject({ spent: before.spent + price, held: 0n, calls: before.calls + 1 });

    const id = answer.headers.get('x-blockrun-proxy-request-id') ?? '';
    expect(id).toMatch(/^req_[0-9a-f]{32}$/);
    const lines = proxy.audit().filter(({ requestId }) => requestId === id);
    expect(lines).toMatchObject([
      { event: 'payment_signed', amount: formatUsd(price), nonce: transfer?.nonce, payee: world.treasury },
      {
        event: 'chat_completion',
        model: MODEL,
        dryRun: false,
        streamed: false,
        state: 'settled',
        booked: formatUsd(price),
        bookedCostUsd: Number(formatUsd(price)),
        actualCostUsd: Number(formatUsd(price)),
        receiptRef: transfer?.transaction,
        paymentNetwork: 'eip155:8453',
      },
    ]);
  });

  it('streams tokens to the client while the seller still makes them, with the cost in the headers', async () => {
    const before = await proxy.budget();
    const response = await proxy.post(
      chatBody({ stream: true, stream_options: { include_usage: true }, x_sandbox: { tokens: 8, pauseAfterTokens: 2 } }),
    );
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    while (chunksOf(text).filter(({ choices }) => choices[0]?.delta.content).length < 2) text += (await reader.read()).value ?? '';
    expect(text).not.toContain('[DONE]'); // the seller is held here, with most of its answer unsaid
    const cost = response.headers.get('x-blockrun-proxy-booked-cost-usd');

    world.seller.resume();
    for (let part = await reader.read(); !part.done; part = await reader.read()) text += part.value;
    const chunks = chunksOf(text);
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { completion_tokens: 8 } });
    expect(chunks.at(-2)?.choices[0]?.finish_reason).toBe('stop');
    expect(dataOf(text).at(-1)).toBe('[DONE]');

    const transfer = await lastTransfer();
    expect(cost).toBe(formatUsd(transfer?.amountMicroUsd ?? 0n));
    expect(await proxy.budget()).toMatchObject({ spent: before.spent + (transfer?.amountMicroUsd ?? 0n), held: 0n });
    const [outcome] = proxy.audit().slice(-1);
    expect(outcome).toMatchObject({ event: 'chat_completion', streamed: true, state: 'settled', booked: cost, nonce: transfer?.nonce });
  });

  it('has its booking and its audit line before the client has its last byte', async () => {
    for (const stream of [false, true]) {
      const { headers } = await proxy.chat({ stream });
      const id = headers.get('x-blockrun-proxy-request-id');
      expect(proxy.audit().filter(({ requestId, event }) => requestId === id && event === 'chat_completion')).toHaveLength(1);
      expect((await proxy.budget()).held).toBe(0n);
    }
  });

  it('is asked for and paid for with the very same bytes, and carries no header of the client', async () => {
    const fields = {
      user: 'the same in both',
      seed: 7,
      logit_bias: { 50256: -100 },
      tools: [],
      unheard_of: { deep: [1, null, 'ä'] },
      model: `blockrun-x402/${MODEL}`,
    };
    await proxy.chat(fields, { headers: { authorization: 'Bearer secret-of-the-client', cookie: 'a=b', 'x-stainless-os': 'Linux' } });
    const [asked, paid] = world.seller.bodies.slice(-2);
    expect([asked?.paid, paid?.paid]).toEqual([false, true]);
    expect(paid?.raw.equals(asked!.raw)).toBe(true);
    expect(JSON.parse(asked!.raw.toString())).toEqual({ ...chatBody(fields), model: MODEL });
    for (const { headers } of [asked!, paid!]) {
      expect(Object.keys(headers).sort()).toEqual(
        [
          'accept',
          'accept-encoding',
          'connection',
          'content-length',
          'content-type',
          'host',
          'user-agent',
          ...('payment-signature' in headers ? ['payment-signature'] : []),
        ].sort(),
      );
    }
  });

  it('passes the seller’s answer on to the letter', async () => {
    const direct = await fetch(world.seller.chatUrl, {
      method: 'POST',
      body: JSON.stringify(chatBody({ model: FREE_MODEL })),
      headers: { 'content-type': 'application/json' },
    });
    const answer = await proxy.chat({ model: FREE_MODEL });
    const withoutId = (text: string) => text.replace(/"id":"[^"]*"/, '').replace(/"created":\d+/, '');
    expect(withoutId(answer.text)).toBe(withoutId(await direct.text()));
  });

  it('of a free model costs nothing, and is counted as a call', async () => {
    const before = await proxy.budget();
    const sends = world.seller.paidSends;
    for (const stream of [false, true]) {
      const answer = await proxy.chat({ model: FREE_MODEL, stream });
      expect(answer.status).toBe(200);
      expect(answer.headers.get('x-blockrun-proxy-booked-cost-usd')).toBe('0.000000');
      expect(answer.headers.get('x-blockrun-proxy-spent-today-usd')).toBe(formatUsd(before.spent));
    }
    expect(world.seller.paidSends).toBe(sends);
    expect(await proxy.budget()).toEqual({ ...before, calls: before.calls + 2 });
    expect(proxy.audit().at(-1)).toMatchObject({ event: 'chat_completion', state: 'released', bookedCostUsd: 0, receiptRef: null });
  });

  it('works with the OpenAI SDK: JSON, stream, tool calls whole and in fragments', async () => {
    const client = new OpenAI({ baseURL: `${proxy.url}/v1`, apiKey: 'unused', maxRetries: 0 });
    const messages = [{ role: 'user' as const, content: 'Use the tool.' }];
    const tools = [{ type: 'function' as const, function: { name: 'look', parameters: { type: 'object', properties: {} } } }];
    const whole = await client.chat.completions.create({ model: MODEL, messages, tools, max_tokens: 50 });
    expect(whole.choices[0]?.message.tool_calls?.[0]).toMatchObject({ type: 'function', function: { name: 'look' } });

    const stream = client.chat.completions.stream({
      model: MODEL,
      messages,
      tools,
      max_tokens: 50,
      stream_options: { include_usage: true },
    });
    const final = await stream.finalChatCompletion();
    const call = final.choices[0]?.message.tool_calls?.[0];
    expect(call?.type === 'function' && JSON.parse(call.function.arguments)).toEqual(
      whole.choices[0]?.message.tool_calls?.[0]?.type === 'function' &&
        JSON.parse(whole.choices[0].message.tool_calls[0].function.arguments),
    );
    expect(final.usage?.total_tokens).toBeGreaterThan(0);
  });

  it('gets the usage chunk only when the client asks for it', async () => {
    const without = chunksOf((await proxy.chat({ stream: true })).text);
    expect(without.every(({ choices }) => choices.length > 0)).toBe(true);
    const asked = chunksOf((await proxy.chat({ stream: true, stream_options: { include_usage: true } })).text);
    expect(asked.at(-1)?.choices).toEqual([]);
  });

  it('shows up in ledger.json in the original’s shape', async () => {
    const { spent, calls } = await proxy.budget();
    const day = new Date().toISOString().slice(0, 10);
    await until(() => proxy.summary()[day]?.calls === calls, 'ledger.json to follow');
    expect(proxy.summary()[day]).toEqual({ spentUsd: Number(formatUsd(spent)), calls });
  });
});
