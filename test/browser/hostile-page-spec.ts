import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { startWorld, type World } from '../../sandbox/world.js';
import { chatBody, ProxyUnderTest } from '../e2e/proxy.js';
import { chromiumProgram, startBrowser } from './chromium.js';

const ATTACKS = readFileSync('test/browser/attacks.page.mjs', 'utf8');
const NAMES = [
  'a fetch of JSON',
  'a fetch without CORS',
  'a fetch without CORS, with cookies',
  'a fetch that says it is for a private network',
  'an XMLHttpRequest',
  'a beacon of text',
  'a beacon of JSON',
  'a form of text',
  'a form in the usual way',
  'a WebSocket',
  'an EventSource',
  'a script',
  'a look at the budget',
];
const INSTALL_MS = 900_000;
const program = chromiumProgram();
if (program === undefined) process.stdout.write('\nSKIPPED: the browser test needs Chromium (apt-get install chromium)\n\n');

(program === undefined ? describe.skip : describe)(`a page in Chromium${program === undefined ? ' (SKIPPED: there is none)' : ''}`, () => {
  let world: World;
  let proxy: ProxyUnderTest;
  let pages: Server;
  let browser: Browser;
  let port: string;
  /** Requests that came as far as the door. */
  let arrived = 0;

  beforeAll(async () => {
    world = await startWorld({ chain: 'none' });
    proxy = await ProxyUnderTest.start({ world });
    ({ port } = new URL(proxy.url));
    proxy.app.getHttpServer().on('request', () => (arrived += 1));
    pages = createServer((_request, response) => response.setHeader('content-type', 'text/html').end('<html><body></body></html>'));
    await new Promise<void>((resolve) => pages.listen(0, '127.0.0.1', resolve));
    browser = await startBrowser();
  }, INSTALL_MS);
  afterAll(async () => {
    await browser.close();
    await new Promise((resolve) => pages.close(resolve).closeAllConnections());
    await proxy.remove();
    await world.stop();
  });

  const pageAt = async (url: string): Promise<Page> => {
    const page = await browser.newPage();
    await page.goto(url);
    return page;
  };
  const pagesAt = (name: string) => `http://${name}:${(pages.address() as AddressInfo).port}/`;

  /** From where a page comes, and how it calls the proxy. */
  const PLACES: [place: string, open: () => Promise<Page>, host: () => string][] = [
    ['of another site', () => pageAt(pagesAt('evil.example')), () => `127.0.0.1:${port}`],
    ['of another site, by name', () => pageAt(pagesAt('evil.example')), () => `localhost:${port}`],
    ['of another port of this machine', () => pageAt(pagesAt('localhost')), () => `localhost:${port}`],
    ['whose own name was rebound to this machine', reboundPage, () => `rebound.example:${port}`],
  ];

  /** Its first load came from a server of its own; then its name was given our address, so that it asks us as itself. */
  async function reboundPage(): Promise<Page> {
    const page = await browser.newPage();
    const home = `http://rebound.example:${port}/home`;
    await page.route(home, (route) => route.fulfill({ contentType: 'text/html', body: '<html><body></body></html>' }));
    await page.goto(home);
    return page;
  }

  describe.each(PLACES)('%s', (_place, open, host) => {
    it.each(NAMES)('pays nothing and reads nothing by %s', async (name) => {
      const page = await open();
      const before = arrived;
      const target = { url: `http://${host()}/v1/chat/completions`, body: JSON.stringify(chatBody()) };
      await page.addScriptTag({ content: ATTACKS });
      const learned = await page.evaluate<unknown>(`attacks[${JSON.stringify(name)}](${JSON.stringify(target)})`);
      await page.close();
      expect(learned).not.toMatch(/^200 |choices|capUsd|^open$/);
      expect(world.seller.asked + world.seller.paidSends).toBe(0);
      expect(arrived).toBeGreaterThanOrEqual(before);
    });
  });

  it('has come as far as the door, and a client of this machine comes in', async () => {
    expect(arrived).toBeGreaterThan(20);
    expect(await proxy.budget()).toMatchObject({ spent: 0n, held: 0n, calls: 0 });
    expect((await proxy.chat()).status).toBe(200);
    expect(world.seller.paidSends).toBe(1);
  });
});
