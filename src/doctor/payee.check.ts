import type { Configuration } from '../configuration/configuration.js';
import { USDC } from '../money/usdc.js';
import type { Challenge } from '../payment/offer.js';
import { pinnedPayee } from '../payment/payee-pins.js';
import type { DoctorBooks } from './doctor-books.js';
import { type Check, fail, type Finding, ok, warn } from './finding.js';
import { type QuoteLimits, verdictOn } from './quote-verdict.js';
import type { Probe, SellerProbe } from './seller-probe.js';

/** Whether the seller asks to be paid at the payee that is trusted. */
export function payeeCheck(
  { books, probe }: { books: DoctorBooks; probe: SellerProbe },
  configuration: QuoteLimits & Pick<Configuration, 'payees'>,
): Check {
  return {
    name: 'payee',
    run: async () => {
      const payees = configuration.payees ?? (await pinned(books, configuration));
      if (payees === 'unknown') return warn('not looked at, since the ledger cannot be read');
      const probed = await probe.ask();
      if (probed?.answer.kind !== 'payment-required') return unasked(payees);
      return compared({ challenge: probed.answer.challenge, probe: probed }, configuration, payees);
    },
  };
}

async function pinned(books: DoctorBooks, { chatUrl, paymentNetwork }: QuoteLimits): Promise<readonly string[] | undefined | 'unknown'> {
  try {
    const store = await books.store();
    const payee = store && (await pinnedPayee(store, { seller: chatUrl.host, network: USDC[paymentNetwork].network }));
    return payee === undefined ? undefined : [payee];
  } catch {
    return 'unknown'; // the check of the ledger says why
  }
}

function unasked(payees: readonly string[] | undefined): Finding {
  return payees ? ok(`${payees.join(', ')} is trusted; the seller was not compared with it`) : ok('none is pinned yet');
}

function compared(quoted: { challenge: Challenge; probe: Probe }, limits: QuoteLimits, payees: readonly string[] | undefined): Finding {
  const verdict = verdictOn(quoted, limits, payees);
  if (verdict.kind === 'refused' && verdict.code === 'payee_refused') {
    return fail(verdict.message, "find out from the seller's own pages whether this is right, and trust it only then");
  }
  if (verdict.kind !== 'chosen') return unasked(payees);
  const { payee } = verdict.offer;
  return payees ? ok(`${payee}, as trusted`) : ok(`none is pinned yet: the first payment would pin ${payee}`);
}
