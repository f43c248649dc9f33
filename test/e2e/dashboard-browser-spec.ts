import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { openBrowser } from '../../sandbox/browser.js';
import { startWorld, type World } from '../../sandbox/world.js';
import { chromiumProgram } from '../browser/chromium.js';
import { MODEL, ProxyUnderTest } from './proxy.js';

const TOKEN = 'a-token-of-some-length';
const hasBrowser = chromiumProgram() !== undefined;
const withBrowser = hasBrowser ? describe : describe.skip;
if (!hasBrowser) process.stderr.write('SKIPPED: the tests of the dashboard in a browser need Chromium, not found on this machine.\n');

withBrowser('the dashboard in a browser', () => {
  let world: World;
  let proxy: ProxyUnderTest;
  let browser: Browser;
  let page: Page;
  /** What the page complained of, and what it asked of anybody else. */
  let wrong: string[];

  beforeAll(async () => {
    world = await startWorld({ chain: 'none' });
    browser = await openBrowser();
  });
  beforeEach(async () => {
    wrong = [];
    page = await browser.newPage({ viewport: { width: 390, height: 844 } });
    page.on('console', (message) => void (message.type() === 'error' && wrong.push(message.text())));
    page.on('pageerror', (error) => wrong.push(error.message));
    page.on('request', (request) => void (request.url().startsWith(proxy.url) || wrong.push(request.url())));
  });
  afterEach(async () => {
    await page.close();
    await proxy.remove();
  });
  afterAll(async () => {
    await browser.close();
    await world.stop();
  });
  const open = async (environment: Record<string, string> = {}) => {
    proxy = await ProxyUnderTest.start({ world, environment });
    await page.goto(proxy.url);
  };
  const textOf = (id: string) => page.locator(`#${id}`).innerText();
  const says = (id: string, text: string | RegExp) => page.locator(`#${id}`).filter({ hasText: text }).waitFor();

  it('shows a paid call by itself, with its price and a link to its transaction, and asks nobody else', async () => {
    await open();
    await says('status', 'Ready to pay');
    await says('calls-table', 'No call yet');
    const answer = await proxy.chat();
    await says('calls-table', 'Paid');
    expect(await textOf('calls-table')).toContain(MODEL);
    expect(await textOf('calls-table')).toContain(`$${answer.headers.get('x-blockrun-proxy-booked-cost-usd')}`);
    const link = page.locator('#calls-table a');
    expect(await link.getAttribute('href')).toBe(`https://basescan.org/tx/${answer.headers.get('x-blockrun-proxy-payment-tx')}`);
    expect(await link.getAttribute('rel')).toBe('noopener noreferrer');
    expect(wrong).toEqual([]);
  });

  it('fits a phone, and has every figure of its charts as a table', async () => {
    await open();
    await says('status', 'Ready to pay');
    const widths = await page.evaluate('[document.documentElement.scrollWidth, innerWidth]');
    expect(widths).toEqual([390, 390]);
    await page.locator('#hours ~ details summary').click();
    expect(await page.locator('#hours-table tbody tr').count()).toBe(24);
    expect(wrong).toEqual([]);
  });

  it('pauses and resumes spending by the keyboard alone', async () => {
    await open();
    await says('status', 'Ready to pay');
    await page.locator('#pause').focus();
    await page.keyboard.press('Enter');
    await page.keyboard.type('a look at the books');
    await page.keyboard.press('Enter');
    await says('status', 'Paused');
    await says('banner', 'a look at the books');
    expect((await proxy.chat()).json.error?.code).toBe('spending_stopped');
    await page.locator('#pause').focus();
    await page.keyboard.press('Enter');
    await says('confirm-stops', 'a look at the books');
    await page.keyboard.type('looked');
    await page.keyboard.press('Enter');
    await says('status', 'Ready to pay');
    expect((await proxy.chat()).status).toBe(200);
    expect(wrong).toEqual([]);
  });

  it('asks for the token, tells a wrong one, and keeps the right one in the tab', async () => {
    await open({ BLOCKRUN_PROXY_TOKEN: TOKEN });
    await page.locator('#token').fill('not-the-right-token-at-all');
    await page.keyboard.press('Enter');
    await says('login-fault', 'not the token');
    await page.locator('#token').fill(TOKEN);
    await page.keyboard.press('Enter');
    await says('status', 'Ready to pay');
    await page.reload();
    await says('status', 'Ready to pay');
    expect(await page.evaluate('[document.cookie, localStorage.length, location.href]')).toEqual(['', 0, `${proxy.url}/`]);
    expect(wrong.filter((message) => !message.includes('401'))).toEqual([]);
  });

  it('shows what others wrote as text, and runs none of it', async () => {
    await open({ BLOCKRUN_MODELS: 'a/x' });
    await says('status', 'Ready to pay');
    await proxy.chat({ model: 'a/x', x_sandbox: { fault: 'error-400' } });
    await says('calls-table', 'a/x');
    const blocked = await page.evaluate(
      `(() => { try { document.body.innerHTML = '<img src=x onerror=alert(1)>'; return 'ran'; } catch { return 'refused'; } })()`,
    );
    expect(blocked).toBe('refused');
  });
});
