import { type Clock, utcDay } from '../clock/clock.js';
import type { Configuration } from '../configuration/configuration.js';
import { emptyDay } from '../ledger/ledger-rows.js';
import { displayUsd, type MicroUsd } from '../money/micro-usd.js';
import { USDC } from '../money/usdc.js';
import type { Chains } from '../reconciliation/chain.js';
import type { DoctorBooks } from './doctor-books.js';
import { type Check, fail, type Finding, ok, warn } from './finding.js';
import { walletAddress, type WalletSettings } from './wallet-address.js';

const HOUR_MS = 3_600_000n;
const DAY_MS = 24n * HOUR_MS;
/** Time enough to send some more. */
const SHORT_DAYS = 3n;

interface Sources {
  books: DoctorBooks;
  chains: Chains;
  clock: Clock;
}

/** What the wallet holds, and how long that lasts if every day goes like today. */
export function balanceCheck(
  { books, chains, clock }: Sources,
  configuration: WalletSettings & Pick<Configuration, 'dailyCapMicroUsd'>,
): Check {
  const { network, networkName } = USDC[configuration.paymentNetwork];
  return {
    name: 'balance',
    run: async () => {
      const chain = chains.get(network);
      if (!chain) {
        const next = 'set BLOCKRUN_RPC_URL to a Base node, which also proves what became of payments without a verdict';
        return warn('not known: there is no node to ask', next);
      }
      const address = await walletAddress(configuration).catch(() => undefined); // the check of the wallet says why
      if (address === undefined) return warn('not known: there is no wallet');
      const balance = await chain.balanceOf(address);
      const perDay = await pace(books, clock.now());
      return judged({ address, networkName, balance, perDay, cap: configuration.dailyCapMicroUsd });
    },
  };
}

interface Funds {
  address: string;
  networkName: string;
  balance: MicroUsd;
  perDay: MicroUsd;
  cap: MicroUsd;
}

function judged({ address, networkName, balance, perDay, cap }: Funds): Finding {
  const holds = `${displayUsd(balance)} USDC on ${networkName}`;
  const next = `send USDC on ${networkName} to ${address}`;
  if (balance === 0n) return fail(`${holds}: nothing can be paid`, next);
  const days = perDay > 0n ? balance / perDay : undefined;
  const lasts =
    days === undefined
      ? `nothing was spent today; at the whole cap every day it lasts ${daysText(balance / cap)}`
      : `at today's pace (${displayUsd(perDay)} a day) it lasts ${daysText(days)}`;
  const isShort = balance < cap || (days !== undefined && days < SHORT_DAYS);
  return isShort ? warn(`${holds}; ${lasts}`, next) : ok(`${holds}; ${lasts}`);
}

function daysText(days: bigint): string {
  return days === 0n ? 'less than a day' : `${days} ${days === 1n ? 'day' : 'days'}`;
}

/** What a whole day would cost that goes on as it has begun; the first hour alone would tell too little. */
async function pace(books: DoctorBooks, now: Date): Promise<MicroUsd> {
  const store = await books.store().catch(() => undefined); // the check of the ledger says why
  const today = utcDay(now);
  const row = await store?.reader.selectFrom('day').select('spent').where('day', '=', today).executeTakeFirst();
  const sinceMidnight = BigInt(now.getTime() - Date.parse(today));
  return ((row ?? emptyDay(today)).spent * DAY_MS) / (sinceMidnight > HOUR_MS ? sinceMidnight : HOUR_MS);
}
