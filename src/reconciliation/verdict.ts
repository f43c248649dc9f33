import type { OpenHold } from '../ledger/ledger.js';
import type { SignedAuthorization } from '../money/authorization.js';
import type { AuthorizationUse } from './chain.js';

/** After `validBefore` this much has to pass, on the clock that proves it, before a payment counts as impossible: late blocks, clocks that differ. */
export const EXPIRY_MARGIN_SECONDS = 120n;

/** What becomes of a payment whose outcome nobody knew, and by which evidence. */
export type Resolution =
  | { kind: 'settle'; reason: string; transaction: string | undefined }
  | { kind: 'release'; reason: string }
  /** There is no proof yet: it keeps counting. */
  | { kind: 'wait' };

/**
 * Judges an unresolved payment. `use` is what the chain says of it; undefined where no chain can be asked: then what has run out counts as
 * spent, unless the seller itself said that it charged nothing. Pure.
 */
export function resolutionOf(open: OpenHold, use: AuthorizationUse | undefined, now: Date): Resolution {
  const { authorization } = open;
  if (!authorization) return { kind: 'wait' };
  const ranOutAt = instant(authorization.validBefore);
  switch (use?.kind) {
    case 'used':
      return { kind: 'settle', reason: 'the chain says that the authorization was used', transaction: use.transaction };
    case 'void':
      return { kind: 'release', reason: `the chain says that ${use.reason}` };
    case 'open':
      return { kind: 'wait' };
    case 'unused':
      if (!isOver(authorization, use.asOf)) return { kind: 'wait' };
      return { kind: 'release', reason: `the chain says that the authorization was not used, and it ran out at ${ranOutAt}` };
    case undefined:
      return hasRunOut(authorization, now) ? withoutChain(open, ranOutAt) : { kind: 'wait' };
    default:
      return use satisfies never;
  }
}

/** Whether by this clock nobody can take the payment any more. */
export function hasRunOut(authorization: SignedAuthorization, now: Date): boolean {
  return isOver(authorization, BigInt(Math.floor(now.getTime() / 1000)));
}

function isOver({ validBefore }: SignedAuthorization, seconds: bigint): boolean {
  return seconds > validBefore + EXPIRY_MARGIN_SECONDS;
}

function withoutChain({ sellerSays }: OpenHold, ranOutAt: string): Resolution {
  if (sellerSays === 'not-charged')
    return { kind: 'release', reason: `the seller said that nothing was charged, and the authorization ran out at ${ranOutAt}` };
  return {
    kind: 'settle',
    reason: 'no verdict came before the authorization ran out, and there is no chain to ask (BLOCKRUN_RPC_URL): it counts as spent',
    transaction: undefined,
  };
}

function instant(epochSeconds: bigint): string {
  return new Date(Number(epochSeconds) * 1000).toISOString();
}
