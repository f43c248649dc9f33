import { cpSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { transformFile } from '@swc/core';

/**
 * Compiles `src` as the build does, into `<directory>/src`, so that a test can run it in processes of its own and need no build. The
 * modules are found through a link to `node_modules`.
 */
export async function compileSource(directory: string): Promise<void> {
  const root = resolve('.');
  const files = (readdirSync(join(root, 'src'), { recursive: true }) as string[]).filter((name) =>
    statSync(join(root, 'src', name)).isFile(),
  );
  for (const name of files.filter((file) => file.endsWith('.ts'))) {
    const { code } = await transformFile(join(root, 'src', name), { configFile: join(root, '.swcrc'), sourceMaps: false });
    const target = join(directory, 'src', name.replace(/\.ts$/, '.js'));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, code);
  }
  writeFileSync(join(directory, 'package.json'), '{"type":"module"}');
  cpSync(join(root, 'config'), join(directory, 'config'), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'));
}

/**
 * A process that spends from the books in `state` when it is told to begin: it places, signs and settles until the cap is reached, and
 * says each one that is signed. Where a third argument says so, the audit's files have at most so many bytes.
 */
export const SPENDER = `
import { AuditFile } from './src/audit/audit-file.js';
import { AuditLog } from './src/audit/audit-log.js';
import { systemClock as clock } from './src/clock/clock.js';
import { SqlLedger } from './src/ledger/sql-ledger.js';
import { SqlStore } from './src/store/sql-store.js';

const [, , state, name, maxBytes = Infinity] = process.argv;
process.stdout.write('ready\\n');
await new Promise((begin) => process.stdin.once('data', begin));
process.stdin.destroy();
const store = await SqlStore.open({ ledgerFile: state + '/ledger.sqlite', createsLedger: true });
const audit = await AuditLog.open({ store, file: new AuditFile(state + '/audit.jsonl'), clock, maxBytes: Number(maxBytes) });
const ledger = new SqlLedger(store, audit, clock, { id: name });
const report = { event: 'chat_completion', dryRun: false, streamed: false, durationMs: 1 };
const authorization = (id, amountMicroUsd) => ({ network: 'n', asset: 'a', payer: 'p', payee: 'q', amountMicroUsd, nonce: id, validBefore: 1n });
for (let number = 0; ; number += 1) {
  const id = name + '-' + number;
  const placed = await ledger.place({ id, model: 'm', maxMicroUsd: 700n, capMicroUsd: 100_000n });
  if (placed.kind === 'cap-reached') break;
  await ledger.sign(id, authorization(id, placed.hold.amountMicroUsd < 300n ? placed.hold.amountMicroUsd : 300n));
  process.stdout.write(id + '\\n');
  await ledger.settle(id, { report });
}
audit.onApplicationShutdown();
await store.onApplicationShutdown();
`;

/**
 * A process on a machine of its own that shares the ledger at `url`: when it is told to begin, it makes so many purchases at once on a cap
 * for `cap` micro-USD of 1000 each, and says how many were held; those are signed and settled.
 */
export const SHARED_SPENDER = `
import { AuditFile } from './src/audit/audit-file.js';
import { AuditLog } from './src/audit/audit-log.js';
import { systemClock as clock } from './src/clock/clock.js';
import { Secret } from './src/configuration/secret.js';
import { SqlLedger } from './src/ledger/sql-ledger.js';
import { SqlStore } from './src/store/sql-store.js';

const [, , state, machine, url, count, cap] = process.argv;
const store = await SqlStore.open({ ledgerFile: '', sharedLedger: { url: new Secret(url), machine }, createsLedger: true });
const audit = await AuditLog.open({ store, file: new AuditFile(state + '/' + machine + '.jsonl'), clock, maxBytes: Infinity });
const ledger = new SqlLedger(store, audit, clock, { id: machine });
const report = { event: 'chat_completion', dryRun: false, streamed: false, durationMs: 1 };
const buy = async (id) => {
  const placed = await ledger.place({ id, model: 'm', maxMicroUsd: 1000n, capMicroUsd: BigInt(cap) });
  if (placed.kind === 'cap-reached') return 0;
  await ledger.sign(id, { network: 'n', asset: 'a', payer: 'p', payee: 'q', amountMicroUsd: 1000n, nonce: id, validBefore: 1n });
  await ledger.settle(id, { report });
  return 1;
};
process.stdout.write('ready\\n');
await new Promise((begin) => process.stdin.once('data', begin));
process.stdin.destroy();
const bought = await Promise.all(Array.from({ length: Number(count) }, (_, number) => buy(machine + '-' + number)));
process.stdout.write(bought.filter((one) => one === 1).length + '\\n');
audit.onApplicationShutdown();
await store.onApplicationShutdown();
`;
