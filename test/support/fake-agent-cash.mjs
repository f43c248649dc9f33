#!/usr/bin/env node
/**
 * A stand-in for AgentCash that does what the file `behaviour.json` beside its wallet says, read anew at each act: `server` (up, none, hang)
 * and `fetch` (a word below, or an object). It keeps `seen.jsonl`: its environment at the start, and what the endpoint answered to payments.
 */
import { randomBytes } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { CallToolRequestSchema, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts';
import { transactionFor } from './fake-agent-cash-solana.mjs';

const directory = join(process.env.HOME, '.agentcash');
const behaviourFile = join(directory, 'behaviour.json');
const behaviour = () => (existsSync(behaviourFile) ? JSON.parse(readFileSync(behaviourFile, 'utf8')) : {});
mkdirSync(directory, { recursive: true });
const note = (fact) => appendFileSync(join(directory, 'seen.jsonl'), `${JSON.stringify({ pid: process.pid, ...fact })}\n`);
const solanaKey = () => JSON.parse(readFileSync(join(directory, 'solana-wallet.json'), 'utf8')).privateKey;
const key = () => process.env.X402_PRIVATE_KEY ?? JSON.parse(readFileSync(join(directory, 'wallet.json'), 'utf8')).privateKey;

const TRANSFER = ['from address', 'to address', 'value uint256', 'validAfter uint256', 'validBefore uint256', 'nonce bytes32'];
const types = { TransferWithAuthorization: TRANSFER.map((field) => ({ name: field.split(' ')[0], type: field.split(' ')[1] })) };

async function paymentFor(offer, how = {}) {
  return offer.network.startsWith('solana:') ? transactionFor(offer, how, solanaKey()) : transferFor(offer, how);
}

async function transferFor(offer, { changes = {}, signer, domain = {} } = {}) {
  const account = privateKeyToAccount(key());
  const now = Math.floor(Date.now() / 1000);
  const authorization = {
    from: account.address,
    to: offer.payTo,
    value: offer.amount,
    validAfter: String(now - 600),
    validBefore: String(now + offer.maxTimeoutSeconds),
    nonce: `0x${randomBytes(32).toString('hex')}`,
    ...changes,
  };
  const signature = await (signer ?? account).signTypedData({
    domain: { ...offer.extra, chainId: 8453, verifyingContract: offer.asset, ...domain },
    types,
    primaryType: 'TransferWithAuthorization',
    message: authorization,
  });
  return { signature, authorization };
}

/** With something to wait for, or Node would end. */
const forever = () => new Promise(() => setInterval(() => undefined, 60_000));

const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64');

async function send(url, payload) {
  const { status } = await fetch(url, { headers: { 'payment-signature': encode({ x402Version: 2, payload }) } });
  note({ url, answered: status });
}

const said = (value) => ({ content: [{ type: 'text', text: JSON.stringify(value) }] });

async function act(url) {
  const how = behaviour().fetch ?? 'sign';
  if (how.error && how.unasked) return said(how.error);
  const asked = await fetch(url);
  const challenge = JSON.parse(Buffer.from(asked.headers.get('payment-required') ?? 'e30=', 'base64').toString());
  note({ url, challenge });
  const [offer] = challenge.accepts ?? [];
  if (how.error) return said(how.error);
  if (how === 'die') process.exit(7);
  if (how === 'hang') await forever();
  if (how === 'nothing') return said({ success: true });
  if (how === 'permit') await send(url, { signature: '0x00', permit2Authorization: {} });
  else if (how === 'garbage') await fetch(url, { headers: { 'payment-signature': 'not base64 JSON' } });
  else if (how === 'other key') await send(url, await paymentFor(offer, { signer: privateKeyToAccount(generatePrivateKey()) }));
  else if (how === 'ask again') note({ url, answered: (await fetch(url)).status });
  else {
    while (how.late && !behaviour().released) await delay(20);
    const payload = await paymentFor(offer, how);
    await send(url, payload);
    if (how === 'twice') await send(url, payload);
    if (how.thenError) return said(how.thenError);
    if (how === 'then hang') await forever();
  }
  return said({ caught: true });
}

async function serve() {
  const { server } = behaviour();
  if (server === 'hang') await forever();
  if (server === 'none') {
    process.stderr.write('usage: agentcash fetch <url>\n');
    process.exit(1);
  }
  const mcp = new Server({ name: 'agentcash', version: '0.0.0-fake' }, { capabilities: { tools: {} } });
  const name = server === 'other tools' ? 'look' : 'fetch';
  mcp.setRequestHandler(ListToolsRequestSchema, () => ({ tools: [{ name, inputSchema: { type: 'object' } }] }));
  mcp.setRequestHandler(CallToolRequestSchema, ({ params }) => {
    note({ order: params.arguments });
    return act(params.arguments.url);
  });
  await mcp.connect(new StdioServerTransport());
}

async function fetchOnce([url, ...flags]) {
  note({ flags });
  const { content } = await act(url);
  const { cause, message } = JSON.parse(content[0].text);
  const envelope = cause ? { success: false, error: { cause, message } } : { success: true, data: {}, metadata: null };
  process.stdout.write(`${JSON.stringify(envelope, null, 2)}\n`);
  process.exit(cause ? 1 : 0);
}

note({ environment: process.env });
const [, , command, ...rest] = process.argv;
await (command === 'server' ? serve() : fetchOnce(rest));
