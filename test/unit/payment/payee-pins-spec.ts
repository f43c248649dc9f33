import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
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
});
