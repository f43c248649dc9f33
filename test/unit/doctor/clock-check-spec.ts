import { describe, expect, it } from '@jest/globals';
import { serveOnLoopback, send } from '../../../sandbox/loopback-server.js';
import { Configuration } from '../../../src/configuration/configuration.js';
import { clockCheck } from '../../../src/doctor/clock.check.js';
import { DoctorBooks } from '../../../src/doctor/doctor-books.js';
import { SellerProbe } from '../../../src/doctor/seller-probe.js';
import { ModelCatalog } from '../../../src/models/model-catalog.js';
import { BlockRunSeller } from '../../../src/payment/block-run.seller.js';
import { FakeClock } from '../../support/fake-clock.js';

describe("this machine's clock", () => {
  const challenge = {
    x402Version: 2,
    accepts: [{ scheme: 'exact', network: 'eip155:8453', asset: 'a', payTo: 'b', amount: '1', maxTimeoutSeconds: 60, extra: {} }],
  };

  /** A seller whose answers have this `Date`, asked through the adapter of production. */
  const besideSellerAt = async (date: string) => {
    const clock = new FakeClock();
    const server = await serveOnLoopback((_request, response) => {
      response.sendDate = false;
      const header = Buffer.from(JSON.stringify(challenge)).toString('base64');
      return Promise.resolve(send(response, 402, '{}', { 'payment-required': header, ...(date !== '' && { date }) }));
    });
    const configuration = new Configuration({ BLOCKRUN_CHAT_URL: server.url, BLOCKRUN_LEDGER_FILE: '/nonexistent/ledger.json' });
    const seller = new BlockRunSeller(configuration);
    const probe = new SellerProbe(configuration, new ModelCatalog(configuration), seller, clock);
    const found = await clockCheck({ books: new DoctorBooks(configuration), probe, clock }).run(new AbortController().signal);
    await seller.onApplicationShutdown();
    await server.stop();
    return found;
  };
  const offBy = (seconds: number) => new Date(new FakeClock().now().getTime() + seconds * 1000).toUTCString();

  it.each([
    [0, 'ok', 'as the seller has it'],
    [30, 'ok', 'as the seller has it'],
    [31, 'warn', '31 seconds behind the seller'],
    [-299, 'warn', '299 seconds ahead of the seller'],
    [300, 'fail', '300 seconds behind the seller'],
    [-86_400, 'fail', '86400 seconds ahead of the seller'],
  ])('with a seller that is %d seconds ahead is %s', async (seconds, status, says) => {
    expect(await besideSellerAt(offBy(seconds))).toMatchObject({ status, says });
  });

  it.each(['', 'yesterday'])('is not compared with a seller that tells the time %j', async (date) => {
    expect(await besideSellerAt(date)).toMatchObject({ status: 'ok', says: expect.stringContaining('not compared') as unknown });
  });
});
