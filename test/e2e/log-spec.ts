import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { freePort } from '../../sandbox/free-port.js';
import { startWorld, type World } from '../../sandbox/world.js';
import { until } from '../support/until.js';
import { chatBody, MODEL } from './proxy.js';
import { ProxyProcess } from './proxy-process.js';

const TOKEN = 'a-token-that-nobody-may-see';
const PROMPT = 'the-secret-of-the-prompt';

describe('the log of a proxy', () => {
  let world: World;
  let directory: string;
  let proxy: ProxyProcess;

  beforeAll(async () => {
    world = await startWorld({ chain: 'none' });
  });
  afterEach(async () => {
    proxy.kill('SIGKILL');
    await proxy.ended();
    rmSync(directory, { recursive: true, force: true });
  });
  afterAll(() => world.stop());

  const start = (environment: Record<string, string> = {}) => {
    directory = mkdtempSync(join(tmpdir(), 'log-'));
    proxy = new ProxyProcess(directory, {
      BLOCKRUN_CHAT_URL: world.seller.chatUrl,
      X402_PRIVATE_KEY: world.wallet.privateKey,
      BLOCKRUN_PROXY_TOKEN: TOKEN,
      BLOCKRUN_LEDGER_FILE: join(directory, 'ledger.json'),
      BLOCKRUN_AUDIT_LOG: join(directory, 'audit.jsonl'),
      ...environment,
    });
  };
  const post = async (url: string, fields: Record<string, unknown> = {}) => {
    const body = JSON.stringify(chatBody({ messages: [{ role: 'user', content: PROMPT }], ...fields }));
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` };
    const answer = await fetch(`${url}/v1/chat/completions`, { method: 'POST', headers, body });
    await answer.text();
    return answer.headers;
  };
  const lines = () => proxy.output.split('\n').slice(0, -1);
  const calls = () =>
    lines()
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter(({ context }) => context === 'Call');

  it('has one line for each request, with its id, model, state, price and times', async () => {
    start();
    const url = await proxy.listening();
    const paid = await post(url, { stream: true });
    await post(url, { x_sandbox: { fault: 'paid-drop-after-settle' } });
    await post(url, { x_sandbox: { fault: 'quote-foreign-payee' } });
    await post(url, { model: 'evil/made-up' });
    await until(() => calls().length >= 4, 'the lines of four calls');
    expect(calls().map(({ level, state, code, model }) => [level, state, code, model])).toEqual([
      ['info', 'settled', undefined, MODEL],
      ['warn', 'unresolved', 'payment_unresolved', MODEL],
      ['info', 'released', 'payee_refused', MODEL],
      ['info', 'refused', 'model_not_found', undefined],
    ]);
    const [settled] = calls();
    expect(settled).toMatchObject({
      msg: 'call settled',
      requestId: paid.get('x-blockrun-proxy-request-id'),
      priceUsd: paid.get('x-blockrun-proxy-booked-cost-usd'),
      streamed: true,
    });
    for (const time of ['totalMs', 'firstTokenMs', 'quoteMs', 'signingMs', 'recordMs']) expect(settled?.[time]).toBeGreaterThan(0);
    const everything = proxy.output + proxy.errors;
    for (const secret of [TOKEN, PROMPT, world.wallet.privateKey, world.wallet.privateKey.slice(2), 'made-up'])
      expect(everything).not.toContain(secret);
  });

  it('is for people where that is asked for', async () => {
    start({ BLOCKRUN_LOG_FORMAT: 'pretty' });
    await until(() => /listening on http:\S+/.test(proxy.output), 'the proxy to listen');
    await post(/listening on (http:\S+)/.exec(proxy.output)?.[1] ?? '');
    await until(() => proxy.output.includes('call settled'), 'the line of the call');
    expect(lines().at(-1)).toMatch(
      new RegExp(
        `^\\d\\d:\\d\\d:\\d\\d {9}Call {2}call settled {2}requestId=req_[0-9a-f]{32} {2}model=${MODEL} {2}state=settled {2}priceUsd=0\\.\\d{6} `,
      ),
    );
  });

  it('at the level of warnings has no line of what goes well', async () => {
    const port = await freePort();
    start({ BLOCKRUN_LOG_LEVEL: 'warn', PORT: String(port) });
    const url = `http://127.0.0.1:${port}`;
    await until(
      () =>
        fetch(`${url}/health/live`).then(
          ({ ok }) => ok,
          () => false,
        ),
      'the proxy to answer',
    );
    await post(url);
    await post(url, { x_sandbox: { fault: 'paid-drop-after-settle' } });
    await until(() => calls().length > 0, 'the line of a call');
    expect(lines().map((line) => (JSON.parse(line) as { level: string }).level)).not.toContain('info');
    expect(calls().map(({ state }) => state)).toEqual(['unresolved']);
  });
});
