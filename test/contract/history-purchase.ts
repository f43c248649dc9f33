import type { Ledger } from '../../src/ledger/ledger.js';
import type { HistoryRun } from './history-run.js';
import type { PurchaseStep } from './history-steps.js';
import { type ClientName, CLIENTS } from './history-limits.js';
import { claim, report } from './ledger-facts.js';

/** A purchase of a process that runs. */
export interface Purchase {
  id: string;
  ledger: Ledger;
  owner: string;
}

/** Does what the step says about a purchase; nothing where there is none. */
export async function takePurchaseStep(run: HistoryRun, step: PurchaseStep): Promise<void> {
  const { model, world } = run;
  const fitting = run.purchases.filter(({ id }) => makesSense(run, step.act, id));
  const choice = fitting.length > 0 ? fitting : run.purchases;
  const purchase = choice[step.purchase % choice.length];
  if (!purchase) return;
  const { id, ledger } = purchase;
  const payment = world.payments.get(id);
  switch (step.act) {
    case 'sign': {
      const authorization = world.authorize(id, step.amount, step.validitySeconds);
      const predicted = model.move(id, 'sign', { amount: step.amount });
      if (await run.expectOutcome(predicted, () => ledger.sign(id, authorization))) world.note(id, authorization);
      return;
    }
    case 'send':
      if (payment) payment.isSent = true;
      return;
    case 'settle': {
      if (payment && !world.deliver(payment, step.hasReceipt)) return;
      const receipt = step.hasReceipt ? { transaction: '0x12' } : undefined;
      await run.expectOutcome(model.move(id, 'settle'), () => ledger.settle(id, { report: report(), receipt }));
      return;
    }
    case 'leaveUnresolved': {
      const saysNotCharged = payment !== undefined && world.denies(payment, step.denial);
      const sellerSays = saysNotCharged ? ('not-charged' as const) : undefined;
      const failed = report({ event: 'upstream_error' });
      await run.expectOutcome(model.move(id, 'leaveUnresolved', { saysNotCharged }), () =>
        ledger.leaveUnresolved(id, { report: failed, sellerSays }),
      );
      return;
    }
    case 'release': {
      const { answered } = step;
      const predicted = model.move(id, 'release', { isCall: answered });
      await run.expectOutcome(predicted, () => ledger.release(id, { report: report(), answered }));
      return;
    }
    case 'claimAgain':
      return place(run, purchase, { max: 1n, client: model.holds.get(id)?.client });
    default:
      return step satisfies never;
  }
}

/** What is to be held, and for whom. */
interface Wanted {
  max: bigint;
  client?: ClientName | undefined;
}

/** Claims a hold for the purchase, and asks whether anything refuses every hold. */
export async function place(run: HistoryRun, { id, ledger, owner }: Purchase, { max, client }: Wanted): Promise<void> {
  const { model, world } = run;
  const predicted = model.place(id, { day: world.today, owner, max, client });
  const limits = { ...model.limits, client: client && { name: client, ...CLIENTS[client] } };
  await run.expectOutcome(predicted, () => ledger.place({ ...claim(id, max, model.cap), ...limits }));
  await run.expectOutcome(model.refusalOn(world.today) ?? 'done', () => ledger.verifyOpen());
}

function makesSense({ model, world }: HistoryRun, act: PurchaseStep['act'], id: string): boolean {
  const state = model.holds.get(id)?.state;
  const payment = world.payments.get(id);
  switch (act) {
    case 'claimAgain':
      return true;
    case 'sign':
    case 'release':
      return state === 'held';
    case 'send':
      return payment !== undefined && !payment.isSent;
    case 'settle':
    case 'leaveUnresolved':
      return payment?.isSent === true && (state === 'signed' || state === 'unresolved');
    default:
      return act satisfies never;
  }
}
