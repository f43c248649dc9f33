/**
 * Loaded before the real AgentCash: the one call that it makes to its own service is answered here, by what `balance.json` in the home
 * directory says when it is made. Every other call goes its way, which is to the proxy's endpoint on loopback.
 */
import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const SERVICE = 'https://agentcash.dev/';
const home = process.env.HOME;
const send = globalThis.fetch;

appendFileSync(join(home, 'started.txt'), `${process.pid}\n`);

globalThis.fetch = async (input, init) => {
  const url = input instanceof Request ? input.url : String(input);
  if (!url.startsWith(SERVICE)) return send(input, init);
  const balance = JSON.parse(readFileSync(join(home, 'balance.json'), 'utf8'));
  if (url !== `${SERVICE}api/balance` || balance === 'unreachable') throw new TypeError('fetch failed');
  if (balance === 'hang') await new Promise(() => undefined);
  if (balance === 'error') return new Response('Internal Server Error', { status: 500, statusText: 'Internal Server Error' });
  return Response.json({ balance, network: 'eip155:8453', paymentNetwork: 'base', chainId: 8453 });
};
