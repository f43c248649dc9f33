import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

/**
 * A machine's ledger without the proxy around it: it makes purchases when it is asked to over HTTP, and tells how long placing and signing
 * took of each. `/calls/100` makes so many one after the other, `/seconds/2/4` as many as it can in two seconds, four at once.
 *
 * Arguments: the ledger (a file or a `postgres://` URL), a directory for the audit, and the name of the machine.
 */
const [, , place = '', directory = '', machine = ''] = process.argv;

/** The product as it is built beside this file. */
const load = <Module>(path: string) => import(new URL(path, import.meta.url).href) as Promise<Module>;
const { AuditFile } = await load<typeof import('../src/audit/audit-file.js')>('../audit/audit-file.js');
const { AuditLog } = await load<typeof import('../src/audit/audit-log.js')>('../audit/audit-log.js');
const { Secret } = await load<typeof import('../src/configuration/secret.js')>('../configuration/secret.js');
const { Instance } = await load<typeof import('../src/ledger/instance.js')>('../ledger/instance.js');
const { SqlLedger } = await load<typeof import('../src/ledger/sql-ledger.js')>('../ledger/sql-ledger.js');
const { SqlStore } = await load<typeof import('../src/store/sql-store.js')>('../store/sql-store.js');

const clock = { now: () => new Date() };
const sharedLedger = place.startsWith('postgres:') ? { url: new Secret(place), machine } : undefined;
const store = await SqlStore.open({ ledgerFile: place, sharedLedger, createsLedger: true });
const file = new AuditFile(join(directory, `${machine}.jsonl`));
const audit = await AuditLog.open({ store, file, clock, maxBytes: Infinity });
const ledger = new SqlLedger(store, audit, clock, new Instance(store, clock));

const PRICE = 1000n;
const CAP = 1_000_000_000_000n;
let purchases = 0;

/** Milliseconds that placing and signing took. */
async function buy(): Promise<number> {
  const id = `${machine}-${process.pid}-${(purchases += 1)}`;
  const startedAt = performance.now();
  await ledger.place({ id, model: 'a model', maxMicroUsd: PRICE, capMicroUsd: CAP });
  const signed = { network: 'eip155:8453', asset: '0xa', payer: '0xb', payee: '0xc', nonce: id, validBefore: 1n, amountMicroUsd: PRICE };
  await ledger.sign(id, signed);
  const tookMs = performance.now() - startedAt;
  await ledger.settle(id, { report: { event: 'chat_completion', dryRun: false, streamed: false, durationMs: 1 } });
  return tookMs;
}

async function buyWhile(goesOn: (bought: number) => boolean, atOnce: number): Promise<number[]> {
  const times: number[] = [];
  let begun = 0;
  const worker = async () => {
    while (goesOn((begun += 1))) times.push(await buy());
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return times;
}

function work(path: string): Promise<number[]> {
  const [, what, amount, atOnce] = path.split('/');
  if (what === 'calls') return buyWhile((begun) => begun <= Number(amount), 1);
  const until = performance.now() + Number(amount) * 1000;
  return buyWhile(() => performance.now() < until, Number(atOnce));
}

const server = createServer((request, response) => {
  work(request.url ?? '').then(
    (times) => response.end(JSON.stringify(times)),
    (error: unknown) => response.writeHead(500).end(String(error)),
  );
});
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`listening on http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
});
