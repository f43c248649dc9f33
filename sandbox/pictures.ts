import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { openBrowser } from './browser.js';
import { startProxy, type ProxyProcess } from './proxy.process.js';
import { startWorld } from './world.js';

/** Makes the pictures of docs/images out of a world of its own: real calls, paid on its chain, and one of each kind that goes wrong. */

const IMAGES = 'docs/images';
const PORT = 8790;
const MODELS = ['google/gemini-3-flash-preview', 'openai/gpt-5.4-mini', 'anthropic/claude-haiku-4.5', 'openai/gpt-5.4-nano'];
const ROUNDS = 3;

let serial = 0;

async function ask({ url }: ProxyProcess, fields: Record<string, unknown>): Promise<void> {
  serial += 1;
  const messages = [{ role: 'user', content: 'Who paid for this answer?' }];
  const body = JSON.stringify({ model: MODELS[0], max_tokens: 2000 * serial, user: `picture-${serial}`, messages, ...fields });
  await (await fetch(`${url}/v1/chat/completions`, { method: 'POST', headers: { 'content-type': 'application/json' }, body })).text();
}

async function makeCalls(proxy: ProxyProcess): Promise<void> {
  await ask(proxy, { x_sandbox: { fault: 'paid-drop-after-settle' } });
  await ask(proxy, { x_sandbox: { fault: 'quote-foreign-payee' } });
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [at, model] of MODELS.entries())
      await ask(proxy, { model, stream: at % 2 === 0, x_sandbox: { tokens: 12, tokenDelayMs: 15 } });
  }
}

async function picture(page: Page, name: string, look: { width: number; height: number; colorScheme: 'light' | 'dark' }): Promise<void> {
  const { colorScheme, ...size } = look;
  await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
  await page.setViewportSize(size);
  await page.waitForTimeout(500);
  await page.screenshot({ path: join(IMAGES, name) });
}

const directory = await mkdtemp(join(tmpdir(), 'blockrun-pictures-'));
const opened: { stop(): Promise<void> }[] = [];
try {
  const world = await startWorld();
  opened.push(world);
  const proxy = await startProxy({ world, directory, port: PORT, print: () => undefined });
  opened.push(proxy);
  const browser = await openBrowser();
  opened.push({ stop: () => browser.close() });
  await makeCalls(proxy);
  await mkdir(IMAGES, { recursive: true });
  const page = await browser.newPage();
  await page.goto(proxy.url);
  await page.locator('#calls-table table').waitFor();
  await page.locator('#balance.amount').waitFor();
  await picture(page, 'dashboard-light.png', { width: 1160, height: 900, colorScheme: 'light' });
  await picture(page, 'dashboard-dark.png', { width: 1160, height: 900, colorScheme: 'dark' });
  await picture(page, 'dashboard-phone.png', { width: 390, height: 844, colorScheme: 'light' });
  process.stdout.write(`Made three pictures in ${IMAGES}.\n`);
} finally {
  for (const part of opened.toReversed()) await part.stop();
  await rm(directory, { recursive: true, force: true });
}
