import { setTimeout as delay } from 'node:timers/promises';
import { budgetOf } from '../sandbox/evidence.js';
import type { World } from '../sandbox/world.js';
import type { Proxies } from './soak-drive.js';

export interface RestOptions {
  readonly world: World;
  readonly proxies: Proxies;
  readonly killsOne: boolean;
  readonly progress: (line: string) => void;
}

/** The longest validity that is signed, the margin after which the proxies take it for over, and a reserve. */
const PAST_ALL_SECONDS = 600 + 120 + 60;
/** Holds of a killed process wait for a sweep, which comes every 15 s, and the last calls for their time-outs. */
const REST_WITHIN_MS = 90_000;
/** Looking into one payment takes a moment, and there may be hundreds: what counts is that it goes on. */
const RESOLVES_ONE_WITHIN_MS = 120_000;
const LOOK_EVERY_MS = 250;
const TELL_EVERY_MS = 30_000;

/**
 * Waits until every outcome is known: first nothing is in flight, then the chain's clock passes all that was signed, so that the proxies
 * can prove what was not taken. Nothing can be paid afterwards. One of the proxies may die over its proofs.
 * @throws Error when something does not come to its end
 */
export async function comeToRest({ world, proxies, killsOne, progress }: RestOptions): Promise<void> {
  progress('waiting until nothing is in flight');
  const isAtRest = async () => {
    const budgets = await Promise.all(proxies.map(({ url }) => budgetOf(url)));
    return budgets.every(({ heldUsd, unresolvedUsd }) => heldUsd === unresolvedUsd);
  };
  await within(REST_WITHIN_MS, 'every call to be booked', isAtRest);
  await Promise.race([world.seller.idle(), delay(REST_WITHIN_MS).then(() => fail('the seller still has something in flight'))]);
  await within(REST_WITHIN_MS, 'every call to be booked after the seller had ended', isAtRest);

  const [{ url }] = proxies;
  progress(`unresolved: ${(await budgetOf(url)).unresolvedUsd} USD; the chain passes the time of all that was signed`);
  await world.chain?.passTime(PAST_ALL_SECONDS);
  const [, second] = proxies;
  if (killsOne) {
    await second.kill();
    await second.start();
  }
  let toldAt = performance.now();
  for (let left = NaN; left !== 0;) {
    const before = left;
    if (performance.now() > toldAt + TELL_EVERY_MS) {
      toldAt = performance.now();
      progress(`unresolved: ${left.toFixed(6)} USD`);
    }
    await within(RESOLVES_ONE_WITHIN_MS, 'the proxies to resolve one more payment', async () => {
      left = Number((await budgetOf(url)).unresolvedUsd);
      return left !== before;
    });
  }
}

async function within(limitMs: number, what: string, holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + limitMs;
  let trouble = '';
  while (Date.now() < deadline) {
    // A proxy that does not answer once may be busy; one that never does runs into the limit.
    const isSo = await holds().catch((error: unknown) => {
      trouble = ` (${String(error)})`;
      return false;
    });
    if (isSo) return;
    await delay(LOOK_EVERY_MS);
  }
  fail(`waited ${limitMs / 1000} s in vain for ${what}${trouble}`);
}

function fail(message: string): never {
  throw new Error(message);
}
