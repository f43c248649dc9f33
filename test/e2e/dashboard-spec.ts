import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startWorld, type World } from '../../sandbox/world.js';
import { formatUsd } from '../../src/money/micro-usd.js';
import { MODEL, ProxyUnderTest } from './proxy.js';

interface Told {
  name: string;
  data: Record<string, unknown>;
}

/** The first events of a dashboard that has just been opened, as many as are wanted. */
async function eventsOf(url: string, count: number, headers: Record<string, string> = {}): Promise<Told[]> {
  const answer = await fetch(`${url}/dashboard/events`, { headers });
  const reader = answer.body?.getReader();
  if (answer.status !== 200 || !reader) throw new Error(`status ${answer.status}`);
  const decoder = new TextDecoder();
  let events: string[] = [];
  for (let text = ''; events.length < count;) {
    const { done, value } = await reader.read();
    if (done) throw new Error('the events ended');
    text += decoder.decode(value as Uint8Array, { stream: true });
    events = text
      .split('\n\n')
      .slice(0, -1)
      .filter((event) => event.startsWith('event: '));
  }
  await reader.cancel();
  return events.slice(0, count).map((event) => {
    const [, name = '', data = ''] = /^event: (\w+)\ndata: (.*)$/.exec(event) ?? [];
    return { name, data: JSON.parse(data) as Told['data'] };
  });
}

describe('the dashboard', () => {
  let world: World;
  let proxy: ProxyUnderTest;
  let price: bigint;

  beforeAll(async () => {
    world = await startWorld({ chain: 'none' });
    proxy = await ProxyUnderTest.start({ world });
    expect((await proxy.chat()).status).toBe(200);
    expect((await proxy.chat({ stream: true })).status).toBe(200);
    expect((await proxy.chat({ model: 'made/up' })).status).toBe(404);
    price = (await proxy.budget()).spent / 2n;
  });
  afterAll(async () => {
    await proxy.remove();
    await world.stop();
  });
  const post = (path: string, headers: Record<string, string>, body: unknown = { reason: 'a look at the books' }) =>
    fetch(`${proxy.url}/dashboard/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  const fromThePage = () => ({ origin: proxy.url, 'sec-fetch-site': 'same-origin' });

  it('is one page, small, under a policy that lets nothing else in', async () => {
    const page = await fetch(`${proxy.url}/`);
    const html = await page.text();
    const policy = page.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain('unsafe');
    expect(html).not.toMatch(/<script(?![^>]* src=)|<style|style="| on\w+="/);
    const files = [...html.matchAll(/(?:src|href)="(\/dashboard\/files\/[^"]+)"/g)].map(([, path = '']) => path);
    const modules = ['charts.js', 'format.js', 'live.js', 'tables.js'].map((name) => `/dashboard/files/${name}`);
    let bytes = Buffer.byteLength(html);
    for (const path of [...files, ...modules]) {
      const file = await fetch(proxy.url + path);
      expect([path, file.status, file.headers.get('x-content-type-options')]).toEqual([path, 200, 'nosniff']);
      bytes += (await file.arrayBuffer()).byteLength;
    }
    expect(bytes).toBeLessThan(200_000);
  });

  it('serves its own files, and no other', async () => {
    for (const path of ['package.json', '..%2fpackage.json', '%2e%2e%2fconfig%2fmodels.json', 'tsconfig.json', 'uplot.d.ts'])
      expect([path, (await fetch(`${proxy.url}/dashboard/files/${path}`)).status]).toEqual([path, 404]);
  });

  it('is told what the ledger has: today, models, hours, days and the last calls', async () => {
    const [state, calls] = await eventsOf(proxy.url, 2);
    const spentUsd = formatUsd(2n * price);
    expect(state).toMatchObject({
      name: 'state',
      data: {
        budget: { capUsd: '1.000000', spentUsd, heldUsd: '0.000000', calls: 2, stops: [], health: { ok: true } },
        models: [{ name: MODEL, today: { spentUsd, calls: 2 }, days: { spentUsd, calls: 2 } }],
        wallet: { address: world.wallet.address, balanceUsd: null, payees: [world.treasury.toLowerCase()] },
        refusals: [{ code: 'model_not_found', count: 1 }],
      },
    });
    const sums = state?.data as { hours: { spentUsd: string }[]; days: { spentUsd: string }[] };
    expect([sums.hours.length, sums.hours.at(-1)?.spentUsd, sums.days.length, sums.days.at(-1)?.spentUsd]).toEqual([
      24,
      spentUsd,
      30,
      spentUsd,
    ]);
    expect(calls?.name).toBe('calls');
    const shown = calls?.data as unknown as { state: string; priceUsd: string | null; transaction: string | null }[];
    expect(shown.map((call) => call.state).toSorted()).toEqual(['refused', 'settled', 'settled']);
    expect(shown.filter(({ transaction }) => transaction !== null)).toHaveLength(1);
  });

  it('hears of a call while it is open', async () => {
    const heard = eventsOf(proxy.url, 4);
    await new Promise((resolve) => setTimeout(resolve, 500));
    await proxy.chat({ model: 'openai/gpt-5.4-nano' });
    const events = await heard;
    expect(JSON.stringify(events.slice(2))).toContain('openai/gpt-5.4-nano');
  });

  it('pauses and resumes from its own page, and the audit says why', async () => {
    expect((await post('pause', fromThePage())).status).toBe(200);
    expect((await proxy.chat()).json.error?.code).toBe('spending_stopped');
    const [state] = await eventsOf(proxy.url, 1);
    expect(state?.data).toMatchObject({ budget: { stops: ['a look at the books (dashboard)'], health: { state: 'stopped' } } });
    expect((await post('resume', fromThePage(), { reason: 'looked' })).status).toBe(200);
    expect((await proxy.chat()).status).toBe(200);
    const told = proxy.audit().filter(({ event }) => event === 'spending_stopped' || event === 'spending_resumed');
    expect(told.map(({ event, reason }) => [event, reason])).toEqual([
      ['spending_stopped', 'a look at the books (dashboard)'],
      ['spending_resumed', 'looked (dashboard)'],
    ]);
  });

  it.each([
    ['a program without an origin', {}, 403],
    ['a page of another port', { origin: 'http://127.0.0.1:1', 'sec-fetch-site': 'same-site' }, 403],
    ['a page of elsewhere', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }, 403],
    ['an origin without the browser’s word', { origin: 'self' }, 403],
    ['a form', { origin: 'self', 'sec-fetch-site': 'same-origin', 'content-type': 'text/plain' }, 415],
  ])('is not paused by %s', async (_who, headers: Record<string, string>, status) => {
    const sent = headers.origin === 'self' ? { ...headers, origin: proxy.url } : headers;
    expect((await post('pause', sent)).status).toBe(status);
    expect((await proxy.chat()).status).toBe(200);
  });

  it('wants a reason', async () => {
    for (const body of [{}, { reason: '' }, { reason: 'x'.repeat(201) }, { reason: 1 }, null])
      expect([body, (await post('pause', fromThePage(), body)).status]).toEqual([body, 400]);
    expect((await proxy.chat()).status).toBe(200);
  });

  it('is not opened by a link from elsewhere, nor in a frame, and is opened by the address bar', async () => {
    const statusFrom = async (site: string) => (await fetch(`${proxy.url}/`, { headers: { 'sec-fetch-site': site } })).status;
    expect([
      await statusFrom('none'),
      await statusFrom('same-origin'),
      await statusFrom('cross-site'),
      await statusFrom('same-site'),
    ]).toEqual([200, 200, 403, 403]);
  });

  it('ends its streams when the proxy stops', async () => {
    const other = await ProxyUnderTest.start({ world });
    const answer = await fetch(`${other.url}/dashboard/events`);
    const ended = answer.text();
    await other.remove();
    expect(await ended).toContain('event: state');
  });

  it('with a token shows the empty page to all, and figures to whoever has it', async () => {
    const token = 'a-token-of-some-length';
    const guarded = await ProxyUnderTest.start({ world, environment: { BLOCKRUN_PROXY_TOKEN: token } });
    const statusOf = async (path: string, init: RequestInit = {}) => (await fetch(guarded.url + path, init)).status;
    expect([await statusOf('/'), await statusOf('/dashboard/files/app.js')]).toEqual([200, 200]);
    const json = { 'content-type': 'application/json', origin: guarded.url, 'sec-fetch-site': 'same-origin' };
    const pause = { method: 'POST', headers: json, body: '{"reason":"x"}' };
    expect([
      await statusOf('/dashboard/events'),
      await statusOf('/dashboard/pause', pause),
      await statusOf('/', { method: 'POST' }),
    ]).toEqual([401, 401, 401]);
    const [state] = await eventsOf(guarded.url, 1, { authorization: `Bearer ${token}` });
    expect(state?.name).toBe('state');
    await guarded.remove();
  });
});
