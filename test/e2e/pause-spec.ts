import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startWorld, type World } from '../../sandbox/world.js';
import { SpendingControl } from '../../src/ledger/spending-control.js';
import { formatUsd } from '../../src/money/micro-usd.js';
import { Payer } from '../../src/payment/payer.js';
import { X402Payer } from '../../src/payment/x402.payer.js';
import { auditRecordsOf } from '../support/audit-files.js';
import { until } from '../support/until.js';
import { chatBody, ProxyUnderTest } from './proxy.js';
import { ProxyProcess } from './proxy-process.js';

/** Signs with the wallet's key once it is let. */
class GatedPayer extends X402Payer {
  asked = 0;
  open!: () => void;
  private readonly opened = new Promise<void>((resolve) => (this.open = resolve));

  override async authorize(...offer: Parameters<X402Payer['authorize']>) {
    this.asked += 1;
    await this.opened;
    return super.authorize(...offer);
  }
}

describe('a pause', () => {
  let world: World;
  let price: bigint;

  beforeAll(async () => {
    world = await startWorld();
    price = world.seller.price(JSON.stringify(chatBody())).totalMicroUsd;
  });
  afterAll(() => world.stop());

  describe('of a running proxy', () => {
    let proxy: ProxyUnderTest;
    let payer: GatedPayer;
    let sends: number;

    beforeEach(async () => {
      payer = new GatedPayer(world.wallet.privateKey);
      await start();
      sends = world.seller.paidSends;
    });
    afterEach(async () => {
      world.seller.resume();
      await world.seller.idle();
      await proxy.remove();
    });

    const start = async (environment: Record<string, string> = {}) => {
      proxy = await ProxyUnderTest.start({
        world,
        environment,
        override: (builder) => builder.overrideProvider(Payer).useValue(payer),
      });
    };
    const file = () => join(proxy.directory, 'PAUSE');
    const lines = (event: string) => proxy.audit().filter((line) => line.event === event);
    const health = async () => {
      const response = await fetch(`${proxy.url}/health`);
      return { code: response.status, reasons: ((await response.json()) as { reasons: string[] }).reasons };
    };

    const WAYS: [string, { begin: () => Promise<void> | void; end: () => Promise<unknown> | void; says: () => string }][] = [
      ['by a file', { begin: () => writeFileSync(file(), ''), end: () => rmSync(file()), says: file }],
      [
        'by the command',
        {
          begin: () => proxy.app.get(SpendingControl).stop('on holiday'),
          end: () => proxy.app.get(SpendingControl).resume('back again'),
          says: () => 'on holiday',
        },
      ],
    ];

    it.each(WAYS)('%s, in the middle of calls, lets no signature go that has not gone', async (_way, { begin, end, says }) => {
      const calls = Array.from({ length: 6 }, () => proxy.chat());
      await until(() => payer.asked === 6, 'six calls that are about to be signed');
      await begin();
      payer.open();
      for (const { status, headers, json } of await Promise.all(calls)) {
        expect([status, json.error?.code, headers.get('x-should-retry')]).toEqual([429, 'spending_stopped', 'false']);
        expect(json.error?.message).toContain(says());
      }
      expect((await proxy.chat()).json.error?.code).toBe('spending_stopped');
      expect(world.seller.paidSends).toBe(sends);
      expect(await proxy.budget()).toMatchObject({ spent: 0n, held: 0n });
      expect(await health()).toEqual({ code: 503, reasons: [expect.stringContaining(says())] });
      await end();
      expect((await proxy.chat()).status).toBe(200);
      expect(await health()).toEqual({ code: 200, reasons: [] });
      expect(lines('budget_reject')).toHaveLength(7);
      expect(lines('budget_reject').every(({ code }) => code === 'spending_stopped')).toBe(true);
      await until(() => lines('spending_resumed').length === 1, 'the end to be told');
      expect(lines('spending_stopped')).toMatchObject([{ reason: expect.stringContaining(says()) }]);
    });

    it.each(WAYS)('%s lets what is signed end as it does', async (_way, { begin }) => {
      payer.open();
      let isOver = false;
      const running = proxy.chat({ stream: true, x_sandbox: { pauseAfterTokens: 1 } }).finally(() => (isOver = true));
      await until(async () => (await proxy.budget()).held === price, 'the call to be signed');
      await begin();
      await until(() => {
        world.seller.resume();
        return isOver;
      }, 'the call to end');
      expect((await running).status).toBe(200);
      await world.seller.idle();
      expect(await proxy.budget()).toMatchObject({ spent: price, held: 0n });
    });

    it('by a file ends the wait of calls for room, too', async () => {
      await proxy.remove();
      await start({ BLOCKRUN_DAILY_BUDGET_USD: formatUsd(price), BLOCKRUN_HOLD_WAIT_MS: '60000' });
      const first = proxy.chat();
      await until(() => payer.asked === 1, 'a call that takes all there is');
      const second = proxy.chat();
      writeFileSync(file(), '');
      expect((await second).json.error?.code).toBe('spending_stopped');
      payer.open();
      expect((await first).json.error?.code).toBe('spending_stopped');
    });

    it('is also a link that leads nowhere', async () => {
      payer.open();
      symlinkSync('/nowhere/at/all', file());
      expect((await proxy.chat()).json.error?.code).toBe('spending_stopped');
    });

    it('by a file that is there at the start is told in the audit before anybody asks', async () => {
      writeFileSync(file(), '');
      const { directory } = proxy;
      await proxy.stop();
      proxy = await ProxyUnderTest.start({ world, directory });
      await until(() => lines('spending_stopped').length === 1, 'the pause to be told');
      expect(lines('budget_reject')).toEqual([]);
    });
  });

  describe('of several proxies on one state directory', () => {
    let directory: string;
    let proxies: ProxyProcess[];
    let urls: string[];

    beforeAll(async () => {
      directory = mkdtempSync(join(tmpdir(), 'paused-'));
      const environment = {
        BLOCKRUN_CHAT_URL: world.seller.chatUrl,
        X402_PRIVATE_KEY: world.wallet.privateKey,
        BLOCKRUN_LEDGER_FILE: join(directory, 'ledger.json'),
        BLOCKRUN_AUDIT_LOG: join(directory, 'audit.jsonl'),
      };
      proxies = [new ProxyProcess(directory, environment), new ProxyProcess(directory, environment)];
      urls = await Promise.all(proxies.map((proxy) => proxy.listening()));
    });
    afterAll(async () => {
      for (const proxy of proxies) {
        proxy.kill('SIGKILL');
        await proxy.ended();
      }
      rmSync(directory, { recursive: true, force: true });
    });

    const callBoth = () =>
      Promise.all(
        urls.map(async (url) => {
          const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(chatBody()) };
          const response = await fetch(`${url}/v1/chat/completions`, init);
          await response.text();
          return response.status;
        }),
      );
    const lines = (event: string) => auditRecordsOf(join(directory, 'audit.jsonl')).filter((line) => line.event === event);

    it('by a file stops them all, and the audit tells once that it came and once that it went', async () => {
      expect(await callBoth()).toEqual([200, 200]);
      for (const times of [1, 2]) {
        writeFileSync(join(directory, 'PAUSE'), '');
        expect(await callBoth()).toEqual([429, 429]);
        expect(await callBoth()).toEqual([429, 429]);
        await until(() => lines('spending_stopped').length === times, 'the pause to be told', { withinMs: 30_000 });
        rmSync(join(directory, 'PAUSE'));
        expect(await callBoth()).toEqual([200, 200]);
        await until(() => lines('spending_resumed').length === times, 'its end to be told', { withinMs: 30_000 });
      }
      expect([lines('spending_stopped').length, lines('spending_resumed').length]).toEqual([2, 2]);
    });
  });
});
