import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { sql } from 'kysely';
import { Configuration } from '../../../src/configuration/configuration.js';
import { PayeePins } from '../../../src/payment/payee-pins.js';
import { FakeClock } from '../../support/fake-clock.js';
import { offer, OTHER_PAYEE, PAYEE } from '../../support/offers.js';
import { type Books, openBooks } from '../../support/open-books.js';
import { TemporaryDirectory } from '../../support/temporary-directory.js';

const BASE = 'eip155:8453';

describe('the payee of a seller', () => {
  let directory: TemporaryDirectory;
  let books: Books;

  beforeAll(() => void Logger.overrideLogger(false));
  beforeEach(async () => {
    directory = new TemporaryDirectory();
    books = await openBooks({ directory: directory.path });
  });
  afterEach(async () => {
    await books.close();
    directory.remove();
  });

  const pins = (variables: Record<string, string> = {}) =>
    new PayeePins(new Configuration(variables), books.store, books.audit, new FakeClock());

  it('is anybody until the first payment, and then the one that was paid', async () => {
    const fresh = pins();
    expect(await fresh.trusted(BASE)).toBeUndefined();
    expect(await fresh.confirm(offer())).toBe(true);
    expect(await fresh.trusted(BASE)).toEqual([PAYEE.toLowerCase()]);
    expect(await fresh.confirm(offer({ payee: OTHER_PAYEE }))).toBe(false);
  });

  it('stays pinned over a restart', async () => {
    await pins().confirm(offer());
    expect(await pins().confirm(offer({ payee: OTHER_PAYEE }))).toBe(false);
    expect(await pins().confirm(offer({ payee: PAYEE.toLowerCase() }))).toBe(true);
  });

  it('is pinned once and audited once', async () => {
    await pins().confirm(offer());
    await pins().confirm(offer());
    expect(books.auditLines()).toEqual([
      expect.objectContaining({ event: 'payee_pinned', seller: 'blockrun.ai', payee: PAYEE, paymentNetwork: BASE }),
    ]);
  });

  it('is one of two that race to be the first', async () => {
    const answers = await Promise.all([pins().confirm(offer()), pins().confirm(offer({ payee: OTHER_PAYEE }))]);
    expect(answers.filter(Boolean)).toHaveLength(1);
    expect(books.auditLines()).toHaveLength(1);
  });

  it('belongs to that seller alone', async () => {
    await pins().confirm(offer());
    const other = pins({ BLOCKRUN_CHAT_URL: 'https://other.example/v1/chat/completions' });
    expect(await other.trusted(BASE)).toBeUndefined();
  });

  it('is whom the operator names, whatever is pinned, and then nothing is pinned', async () => {
    await pins().confirm(offer());
    const named = pins({ BLOCKRUN_PAY_TO: OTHER_PAYEE });
    expect(await named.confirm(offer())).toBe(false);
    expect(await named.confirm(offer({ payee: OTHER_PAYEE }))).toBe(true);
    expect(books.auditLines()).toHaveLength(1);
  });

  it('is another one once an operator says so, in a proxy that runs too, and the old one no longer', async () => {
    const running = pins();
    await running.confirm(offer());
    await pins().trust(OTHER_PAYEE, { network: BASE, reason: 'announced' });
    expect(await running.trusted(BASE)).toEqual([OTHER_PAYEE]);
    expect(await running.confirm(offer())).toBe(false);
    expect(await running.confirm(offer({ payee: OTHER_PAYEE }))).toBe(true);
    await pins().trust(PAYEE, { network: BASE, reason: 'a mistake' });
    expect(await running.trusted(BASE)).toEqual([PAYEE.toLowerCase()]);
    expect(books.auditLines().slice(1)).toEqual([
      expect.objectContaining({ event: 'payee_trusted', payee: OTHER_PAYEE, payeeBefore: PAYEE.toLowerCase(), reason: 'announced' }),
      expect.objectContaining({ event: 'payee_trusted', payee: PAYEE, payeeBefore: OTHER_PAYEE, reason: 'a mistake' }),
    ]);
  });

  it('may be named before the first payment, and then no other is pinned', async () => {
    await pins().trust(PAYEE, { network: BASE, reason: 'known' });
    expect(await pins().confirm(offer({ payee: OTHER_PAYEE }))).toBe(false);
    expect(await pins().trusted(BASE)).toEqual([PAYEE.toLowerCase()]);
  });

  it('is listed with the seller, and why', async () => {
    await pins({ BLOCKRUN_CHAT_URL: 'https://other.example/v1/chat/completions' }).confirm(offer());
    await pins().confirm(offer());
    await pins().trust(OTHER_PAYEE, { network: BASE, reason: 'announced' });
    expect(await pins().list()).toEqual([
      expect.objectContaining({ seller: 'blockrun.ai', network: BASE, payee: OTHER_PAYEE, reason: 'announced' }),
      expect.objectContaining({ seller: 'other.example', network: BASE, payee: PAYEE.toLowerCase(), reason: undefined }),
    ]);
  });

  it.each(['update payee_trust set payee = null', 'delete from payee_trust'])(
    'that was trusted is never forgotten: %s fails',
    async (statement) => {
      await pins().trust(OTHER_PAYEE, { network: BASE, reason: 'announced' });
      await expect(books.store.write((tx) => sql.raw(statement).execute(tx))).rejects.toThrow('never changed or deleted');
    },
  );
});
