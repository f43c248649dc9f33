import type { CapReached, HoldClaim, PlacedHold, Placement } from '../../src/ledger/ledger.js';

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

export const claim = (id: string, client?: string): HoldClaim => ({
  id,
  model: 'm',
  maxMicroUsd: 1n,
  capMicroUsd: 1n,
  client: client === undefined ? undefined : { name: client },
});

/** A ledger with room for so many; it notes who asked and who got a hold. */
export class Room {
  free = 0;
  full: CapReached = inFlight;
  readonly asked: string[] = [];
  readonly placed: string[] = [];

  place(id: string): Placement {
    this.asked.push(id);
    if (this.free === 0) return this.full;
    this.free -= 1;
    this.placed.push(id);
    return held(id);
  }
}

/** As `Ledger.placeInOrder` has it, with the room for each claim. */
export function placeInOrder(claims: readonly HoldClaim[], roomOf: (claim: HoldClaim) => Room): Promise<Placement[]> {
  const placements: Placement[] = [];
  for (const asked of claims) {
    placements.push(roomOf(asked).place(asked.id));
    if (placements.at(-1)?.kind === 'cap-reached') break;
  }
  return Promise.resolve(placements);
}
