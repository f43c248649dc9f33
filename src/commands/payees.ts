import type { INestApplicationContext } from '@nestjs/common';
import { isAddress } from 'viem/utils';
import { Configuration } from '../configuration/configuration.js';
import { CodedError } from '../errors/coded-error.js';
import { BASE_USDC, USDC, type Usdc } from '../money/usdc.js';
import { PayeePins, type TrustedPayee } from '../payment/payee-pins.js';
import { PayeePinsModule } from '../payment/payee-pins.module.js';
import { onBooks, print, printJson } from './on-books.js';

interface Shown {
  asJson: boolean;
}

export function listPayees(shown: Shown): Promise<void> {
  return onBooks([PayeePinsModule], (books) => show(books, shown));
}

/** Has the seller paid at this address from now on, then shows whom all are paid at. @throws CodedError invalid_request: nothing was changed */
export function trustPayee(address: string, { reason, ...shown }: Shown & { reason: string }): Promise<void> {
  return onBooks([PayeePinsModule], async (books) => {
    const token = USDC[books.get(Configuration).paymentNetwork];
    await refuseWrongAddress(address, token);
    const pins = books.get(PayeePins);
    refuseWrongSeller(pins.seller, await pins.list());
    await pins.trust(address, { network: token.network, reason });
    await show(books, shown);
  });
}

async function refuseWrongAddress(address: string, { address: form, network, networkName }: Usdc): Promise<void> {
  const wrong = (why: string) => new CodedError('invalid_request', `${address} is no valid address: ${why}. Nothing was changed.`);
  if (!form.test(address)) throw wrong(`it does not look like one on ${networkName}, the network that is paid on`);
  if (network === BASE_USDC.network) {
    if (!isAddress(address)) throw wrong('its capitals do not fit its digits, so one of them is wrong');
    return;
  }
  const { isAddress: isSolanaAddress } = await import('@solana/kit');
  if (!isSolanaAddress(address)) throw wrong('it does not stand for 32 bytes');
}

/** Settings that are not the proxy's would change whom another seller is paid at, and look as if all were well. */
function refuseWrongSeller(seller: string, known: readonly TrustedPayee[]): void {
  if (known.length === 0 || known.some((payee) => payee.seller === seller)) return;
  throw new CodedError(
    'invalid_request',
    `${seller} has not been paid yet, only ${[...new Set(known.map((payee) => payee.seller))].join(', ')}: ` +
      'is BLOCKRUN_CHAT_URL the same as for the proxy? Nothing was changed.',
  );
}

async function show(books: INestApplicationContext, { asJson }: Shown): Promise<void> {
  const payees = await books.get(PayeePins).list();
  const { payees: set } = books.get(Configuration);
  if (asJson) return printJson({ payees, payTo: set ?? null });
  for (const { seller, network, payee, since, reason } of payees) {
    const why = reason === undefined ? 'pinned at the first payment' : `trusted: ${reason}`;
    print(`${seller}  ${network}  ${payee}  since ${since.toISOString()}  (${why})`);
  }
  if (payees.length === 0) print('Nobody has been paid yet: the payee of the first payment will be pinned.');
  if (set) print(`BLOCKRUN_PAY_TO is set, and it alone counts: ${set.join(', ')}`);
}
