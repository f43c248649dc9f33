/**
 * Loaded before the real AgentCash: the one call that it makes to its own service is answered here, by what `balance.json` in the home
 * directory says when it is made, and what it asks of Solana's public node goes to the one that `solana-node.txt` names. Every other call goes
 * its way, which is to the proxy's endpoint on loopback.
 */
import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const SERVICE = 'https://agentcash.dev/';
const SOLANA_NODE = 'https://api.mainnet-beta.solana.com';
const home = process.env.HOME;
const send = globalThis.fetch;

appendFileSync(join(home, 'started.txt'), `${process.pid}\n`);

globalThis.fetch = async (input, init) => {
  const url = input instanceof Request ? input.url : String(input);
  if (url.startsWith(SOLANA_NODE)) return send(readFileSync(join(home, 'solana-node.txt'), 'utf8'), init);
  if (!url.startsWith(SERVICE)) return send(input, init);
  const balance = JSON.parse(readFileSync(join(home, 'balance.json'), 'utf8'));
  if (url !== `${SERVICE}api/balance` || balance === 'unreachable') throw new TypeError('fetch failed');
  if (balance === 'hang') await new Promise(() => undefined);
  if (balance === 'error') return new Response('Internal Server Error', { status: 500, statusText: 'Internal Server Error' });
  const { network } = input instanceof Request ? await input.clone().json() : JSON.parse(init.body);
  return Response.json({ balance, ...(network === 'solana' ? ON_SOLANA : ON_BASE) });
};

const ON_BASE = { network: 'eip155:8453', paymentNetwork: 'base', chainId: 8453 };
const ON_SOLANA = { network: 'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp', paymentNetwork: 'solana', chainId: 792703809 };
