import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { canMove, countedMicroUsd, type DayTotals, type HoldState, totalOf } from '../../src/ledger/hold.js';
import type { Booking } from '../../src/ledger/ledger.js';
import { FakeClock } from '../support/fake-clock.js';
import { authorization } from '../support/offers.js';
import { type Books, openBooks } from '../support/open-books.js';
import { TemporaryDirectory } from '../support/temporary-directory.js';
import { claim, DAY, report, zeros } from './ledger-facts.js';

type Step =
  | { act: 'place'; hold: number; max: bigint }
  | { act: 'sign'; hold: number; amount: bigint }
  | { act: 'settle' | 'unresolved' | 'release'; hold: number };

const CAP = 1000n;
const hold = fc.nat({ max: 3 });
const amount = fc.bigInt({ min: 1n, max: 700n });
const steps = fc.array(
  fc.oneof(
    fc.record({ act: fc.constant('place' as const), hold, max: amount }),
    fc.record({ act: fc.constant('sign' as const), hold, amount }),
    fc.record({ act: fc.constantFrom('settle' as const, 'unresolved' as const, 'release' as const), hold }),
  ),
  { minLength: 1, maxLength: 60, size: 'max' },
);

/** The ledger in a few lines: the state and the amount of each hold. */
class Model {
  readonly holds = new Map<number, { state: HoldState; amount: bigint }>();

  sum(total: ReturnType<typeof totalOf>): bigint {
    return [...this.holds.values()].reduce((sum, { state, amount: part }) => (totalOf(state) === total ? sum + part : sum), 0n);
  }

  totals(): Omit<DayTotals, 'calls'> {
    return {
      day: DAY,
      spentMicroUsd: this.sum('spent'),
      heldMicroUsd: this.sum('held'),
      signedMicroUsd: this.sum('signed'),
      unresolvedMicroUsd: this.sum('unresolved'),
    };
  }

  /** True when the step is allowed; then it has been made. */
  make(step: Step): boolean {
    const now = this.holds.get(step.hold);
    if (step.act === 'place') {
      const left = CAP - this.sum('spent') - this.sum('signed') - this.sum('unresolved');
      const taken = left < step.max ? left : step.max;
      if (now || taken <= 0n || this.sum('held') + taken > left) return false;
      this.holds.set(step.hold, { state: 'held', amount: taken });
      return true;
    }
    const state = ({ sign: 'signed', settle: 'settled', unresolved: 'unresolved', release: 'released' } as const)[step.act];
    const next = step.act === 'sign' ? step.amount : now?.amount;
    if (!now || next === undefined || next > now.amount || !canMove(now.state, state)) return false;
    this.holds.set(step.hold, { state, amount: next });
    return true;
  }
}

async function take({ ledger }: Books, step: Step): Promise<boolean> {
  const id = `hold-${step.hold}`;
  if (step.act === 'place') return (await ledger.place(claim(id, step.max, CAP))).kind === 'held';
  const acts: Record<typeof step.act, () => Promise<Booking>> = {
    sign: () => ledger.sign(id, authorization(step.act === 'sign' ? step.amount : 0n, step.hold + 1)),
    settle: () => ledger.settle(id, { report: report() }),
    unresolved: () => ledger.leaveUnresolved(id, { report: report() }),
    release: () => ledger.release(id, { report: report(), answered: false }),
  };
  await acts[step.act]();
  return true;
}

/** The totals of the day, added up from the newest entry of each hold. */
async function folded({ store }: Books): Promise<Omit<DayTotals, 'calls'>> {
  const entries = await store.reader.selectFrom('entry').select(['hold_id', 'state', 'amount', 'step']).orderBy('step').execute();
  const model = new Model();
  for (const { hold_id: id, state, amount: part } of entries)
    model.holds.set(Number(id.split('-')[1]), { state: state as HoldState, amount: part });
  return model.totals();
}

/** A repeat writes nothing, so the model does not see it; a release of what was signed needs proof, which no step here has. */
function isOutside(model: Model, step: Step): boolean {
  const state = model.holds.get(step.hold)?.state;
  const target = { place: undefined, sign: 'signed', settle: 'settled', unresolved: 'unresolved', release: 'released' }[step.act];
  return (state !== undefined && state === target) || (step.act === 'release' && (state === 'signed' || state === 'unresolved'));
}

describe('any history of a ledger', () => {
  it('agrees with the model, stays within the cap at every step, and adds up', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (history) => {
        const directory = new TemporaryDirectory();
        const books = await openBooks({ directory: directory.path, clock: new FakeClock() });
        const model = new Model();
        try {
          for (const step of history.filter((one) => one)) {
            if (isOutside(model, step)) continue;
            const made = await take(books, step).catch((error: { code?: string }) =>
              error.code === 'ledger_unavailable' ? false : Promise.reject(error as Error),
            );
            expect(made).toBe(model.make(step));
            const totals = await books.ledger.totals(DAY);
            expect({ ...zeros, ...totals, calls: 0 }).toEqual({ ...model.totals(), calls: 0 });
            expect(countedMicroUsd(totals) <= CAP).toBe(true);
          }
          expect(await folded(books)).toEqual(model.totals());
        } finally {
          await books.close();
          directory.remove();
        }
      }),
      { numRuns: 60 },
    );
  });
});
