import { OutcomeUnknown } from '../store/outcome-unknown.js';

export type LostState = 'held' | 'signed';

/** Holds that were lost on the way into a state: nobody goes on with them, and the ledger may have them in it. */
export class LostHolds {
  private readonly states = new Map<string, LostState>();

  /** Acts, and remembers the holds where nobody can say whether that brought them into the state. @throws what the act throws */
  async remembering<T>(holdIds: readonly string[], state: LostState, act: () => Promise<T>): Promise<T> {
    try {
      return await act();
    } catch (error) {
      if (error instanceof OutcomeUnknown) for (const holdId of holdIds) this.states.set(holdId, state);
      throw error;
    }
  }

  /** Forgets each for which `end` does not throw. Returns how many of them there were to end. */
  async end(end: (holdId: string, state: LostState) => Promise<boolean>): Promise<number> {
    let ended = 0;
    for (const [holdId, state] of this.states) {
      if (await end(holdId, state)) ended += 1;
      this.states.delete(holdId);
    }
    return ended;
  }
}
