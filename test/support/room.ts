import type { CapReached, PlacedHold } from '../../src/ledger/ledger.js';

const totals = {
  day: '2026-06-06',
  spentMicroUsd: 0n,
  heldMicroUsd: 0n,
  signedMicroUsd: 0n,
  unresolvedMicroUsd: 0n,
  raisedMicroUsd: 0n,
  calls: 0,
};

export const held = (id: string): PlacedHold => ({
  kind: 'held',
  hold: { id, day: totals.day, state: 'held', amountMicroUsd: 1n, model: 'm' },
  totals,
});
/** A refusal by the daily limit: of the client, or of all. */
export const refused = (held: bigint, returnable: bigint, client?: string): CapReached => ({
  kind: 'cap-reached',
  totals,
  limit: { kind: 'daily', client, used: 1n, max: 1n, held, returnable },
});
export const inFlight = refused(1n, 1n);
export const signedInFlight = refused(0n, 1n);
export const spent = refused(0n, 0n);

/** A ledger with room for so many; it notes who asked and who got a hold. */
export class Room {
  free = 0;
  full: CapReached = inFlight;
  readonly asked: string[] = [];
  readonly placed: string[] = [];

  placeFor(id: string): () => Promise<PlacedHold | CapReached> {
    return () => {
      this.asked.push(id);
      if (this.free === 0) return Promise.resolve(this.full);
      this.free -= 1;
      this.placed.push(id);
      return Promise.resolve(held(id));
    };
  }
}
