import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { PostgresServer } from '../../sandbox/postgres-server.js';
import { startWorld, type World } from '../../sandbox/world.js';
import { PostgresEngine } from '../../src/store/postgres-engine.js';
import { SqlStore } from '../../src/store/sql-store.js';
import { type Certificate, makeCertificate } from '../support/certificates.js';
import { TemporaryDirectory } from '../support/temporary-directory.js';
import { chatBody } from './proxy.js';
import { ProxyProcess } from './proxy-process.js';

describe('a ledger on a server that is reached over TLS (sslmode=verify-full)', () => {
  let world: World;
  let server: PostgresServer;
  let directory: TemporaryDirectory;
  let plainUrl: string;
  let right: Certificate;
  let foreign: Certificate;
  let elsewhere: Certificate;

  beforeAll(async () => {
    world = await startWorld();
    directory = new TemporaryDirectory();
    chmodSync(directory.path, 0o711); // the server's user has to get through
    right = makeCertificate(directory.path, 'right', 'localhost');
    foreign = makeCertificate(directory.path, 'foreign', 'localhost');
    elsewhere = makeCertificate(directory.path, 'elsewhere', 'db.example');
    server = await PostgresServer.start();
    plainUrl = await server.database();
  });
  afterAll(async () => {
    await server.stop();
    await world.stop();
    directory.remove();
  });

  /** The server with this certificate, or with none. */
  const serveWith = async (shown: Certificate | undefined) => {
    await server.pause();
    if (!shown) return server.resume({ ssl: 'off' });
    for (const file of [shown.certificate, shown.key]) server.own(file);
    return server.resume({ ssl: 'on', ssl_cert_file: shown.certificate, ssl_key_file: shown.key });
  };
  const urlTrusting = (authority: string, host = 'localhost') => {
    const url = new URL(plainUrl);
    url.hostname = host;
    url.searchParams.set('sslmode', 'verify-full');
    url.searchParams.set('sslrootcert', authority);
    return url.href;
  };
  const open = (url: string) => SqlStore.on({ name: 'shared', machine: 'alpha', createsLedger: true }, () => new PostgresEngine(url));
  const proxyOn = (url: string, name: string) =>
    new ProxyProcess(directory.path, {
      BLOCKRUN_CHAT_URL: world.seller.chatUrl,
      X402_PRIVATE_KEY: world.wallet.privateKey,
      BLOCKRUN_LEDGER_FILE: join(directory.path, name, 'ledger.json'),
      BLOCKRUN_AUDIT_LOG: join(directory.path, name, 'audit.jsonl'),
      BLOCKRUN_LEDGER_URL: url,
      BLOCKRUN_MACHINE: name,
    });

  it('is used over TLS where the certificate is of the authority and the host that are named', async () => {
    await serveWith(right);
    const store = await open(urlTrusting(right.authority));
    const { rows } = await sql<{ ssl: boolean }>`select ssl from pg_stat_ssl where pid = pg_backend_pid()`.execute(store.reader);
    expect(rows).toEqual([{ ssl: true }]);
    await store.onApplicationShutdown();
  });

  it.each<[string, () => Certificate | undefined, () => string, RegExp]>([
    ['of another authority', () => foreign, () => urlTrusting(right.authority), /unable to verify|certificate/],
    ['of another host', () => elsewhere, () => urlTrusting(elsewhere.authority), /localhost.*not.*altnames/s],
    ['that does not name the address', () => right, () => urlTrusting(right.authority, '127.0.0.1'), /127\.0\.0\.1.*cert/s],
    ['that it does not have: no TLS', () => undefined, () => urlTrusting(right.authority), /does not support SSL/],
    ['of an authority whose file is not there', () => right, () => urlTrusting('/nowhere/ca.pem'), /nowhere\/ca\.pem/],
  ])('is refused with a certificate %s', async (_name, shown, url, says) => {
    await serveWith(shown());
    const why = { code: 'ledger_unavailable', message: expect.stringMatching(says) as unknown };
    await expect(open(url())).rejects.toMatchObject(why);
  });

  it('with a certificate of another authority keeps the proxy from starting, which says why and not the password', async () => {
    await serveWith(foreign);
    const proxy = proxyOn(urlTrusting(right.authority), 'refused');
    expect(await proxy.ended()).toBe(1);
    expect(proxy.errors).toMatch(/certificate/);
    expect(proxy.errors).not.toContain(new URL(plainUrl).password);
  });

  it('that shows another certificate while the proxy runs is not believed: nothing is paid, and health says why', async () => {
    await serveWith(right);
    const proxy = proxyOn(urlTrusting(right.authority), 'running');
    try {
      const url = await proxy.listening();
      const post = () =>
        fetch(`${url}/v1/chat/completions`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(chatBody({ seed: Math.random() })),
        });
      expect((await post()).status).toBe(200);
      const paid = world.seller.paidSends;
      await serveWith(foreign);
      const refused = await post();
      expect(refused.status).toBe(503);
      expect(await refused.json()).toMatchObject({ error: { code: 'ledger_unavailable' } });
      const health = await fetch(`${url}/health`);
      expect(health.status).toBe(503);
      expect(JSON.stringify(await health.json())).toMatch(/certificate/);
      expect(world.seller.paidSends).toBe(paid);
      await serveWith(right);
      expect((await post()).status).toBe(200);
    } finally {
      proxy.kill('SIGKILL');
      await proxy.ended();
    }
  });
});
