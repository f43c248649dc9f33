import { expect } from '@jest/globals';
import { nextUtcDay } from '../../src/clock/clock.js';
import { CodedError } from '../../src/errors/coded-error.js';
import { minuteOf } from '../../src/ledger/limit.js';
import { BooksOnDisk } from './history-books.js';
import type { LimitsOfAll } from './history-limits.js';
import type { Outcome } from './history-model.js';
import { type Parts, type Running, SimulatedProcess } from './history-process.js';
import { place, type Purchase, takePurchaseStep } from './history-purchase.js';
import { BooksModel } from './history-rules.js';
import { type OperatorStep, type PlainStep, type ProcessName, PROCESSES, type Step, type WorldStep } from './history-steps.js';
import { World, type WorldRules } from './history-world.js';

const CAP = 600n;

/** One history as it happens: each step is made in the books, in the model and in the world, and then all are compared. */
export class HistoryRun {
  readonly world: World;
  readonly model: BooksModel;
  private open: BooksOnDisk | undefined;
  private readonly parts: Parts;
  private readonly processes: Record<ProcessName, SimulatedProcess>;

  constructor({ limits, ...parts }: Pick<Parts, 'directory' | 'auditMaxBytes' | 'openStore'> & { limits: LimitsOfAll }, rules: WorldRules) {
    this.world = new World(rules);
    this.model = new BooksModel(CAP, limits, () => minuteOf(BigInt(this.now)));
    this.parts = { ...parts, world: this.world, disk: { isFull: false } };
    this.processes = { A: new SimulatedProcess('A', this.parts), B: new SimulatedProcess('B', this.parts) };
  }

  async begin(): Promise<void> {
    const { directory, openStore } = this.parts;
    this.open = new BooksOnDisk(await openStore(this.world.machine), `${directory}/audit.jsonl`);
    for (const by of PROCESSES) await this.take({ act: 'restart', by });
  }

  async close(): Promise<void> {
    for (const process of Object.values(this.processes)) await process.crash();
    await this.open?.close();
  }

  get books(): BooksOnDisk {
    if (!this.open) throw new Error('the history has not begun');
    return this.open;
  }

  async take(step: Step): Promise<void> {
    await (step.act === 'full' ? this.makeOnFullDisk(step.step) : this.make(step));
    await this.books.expectToBe(this.model);
    const { hasChain, mayLie } = this.world.rules;
    if (hasChain || !mayLie) this.books.expectToCover(this.world);
  }

  /** Has the product do what the model says how it ends. Returns whether it was done. */
  async expectOutcome(predicted: Outcome, act: () => Promise<unknown>): Promise<boolean> {
    expectEqual(await outcomeOf(act), predicted);
    return predicted === 'done';
  }

  /** The process, where it runs. */
  running(by: ProcessName): Running | undefined {
    return this.processes[by].running;
  }

  /** Those of the processes that run. */
  get purchases(): Purchase[] {
    return Object.values(this.processes).flatMap(({ running, purchases }) =>
      running ? purchases.map((id) => purchaseOf(running, id)) : [],
    );
  }

  private async makeOnFullDisk(step: PlainStep): Promise<void> {
    // A change of files that failed is undone by the next line only: the audit is no chain until then, and that is not tried here.
    const isFull = this.parts.auditMaxBytes === Infinity;
    this.parts.disk.isFull = this.model.isDiskFull = isFull;
    try {
      await this.make(step);
    } finally {
      this.parts.disk.isFull = this.model.isDiskFull = false;
    }
  }

  private async make(step: PlainStep): Promise<void> {
    if ('purchase' in step) return takePurchaseStep(this, step);
    if (!('by' in step)) return this.happen(step);
    if (step.act === 'restart') return this.restart(step.by);
    const running = this.running(step.by);
    if (!running) return;
    switch (step.act) {
      case 'place':
        return place(this, purchaseOf(running, this.processes[step.by].beginPurchase()), step);
      case 'crash':
        return this.processes[step.by].crash();
      case 'sweep':
        return this.sweep(running, step.meanwhile);
      case 'compare': // it books overruns, of which there are none where the chain tells the truth
        return void (await running.reconciliation.compare(this.world.today));
      case 'raise':
      case 'reset':
      case 'stop':
      case 'resume':
      case 'acceptClock':
        return this.operate(running, step);
      default:
        return step satisfies never;
    }
  }

  private async happen(step: WorldStep): Promise<void> {
    const { world } = this;
    switch (step.act) {
      case 'take': {
        const payments = [...world.payments.values()].filter((payment) => world.canTake(payment));
        const payment = payments[step.payment % payments.length];
        return payment && world.take(payment);
      }
      case 'pass':
        return this.pass(step.seconds, step.beating);
      case 'midnight': {
        const now = world.machine.now();
        return this.pass(Math.max(1, Math.ceil((nextUtcDay(now).getTime() - now.getTime()) / 1000) + step.seconds), step.beating);
      }
      case 'setClock':
        return world.setClock(step.seconds);
      default:
        return step satisfies never;
    }
  }

  private async pass(seconds: number, beating: boolean): Promise<void> {
    this.world.pass(seconds);
    if (!beating) return;
    for (const { running } of Object.values(this.processes)) {
      if (!running) continue;
      await running.instance.beat();
      this.model.beat(running.instance.id, this.now);
    }
  }

  private async restart(by: ProcessName): Promise<void> {
    const process = this.processes[by];
    if (process.running) this.model.leave(process.running.instance.id);
    await process.stop();
    await this.sweep(await process.start(), undefined);
  }

  /** As the product does at its start, and every few seconds. */
  private async sweep({ recovery, reconciliation, instance }: Running, meanwhile: PlainStep | undefined): Promise<void> {
    const { world, model } = this;
    if (!(await this.expectOutcome(model.recover(instance.id, this.now), () => recovery.recover()))) return;
    const unresolved = model.open.filter(([, { state }]) => state === 'unresolved');
    world.answers.clear();
    world.meanwhile = meanwhile && (() => this.take(meanwhile));
    const outcome = await outcomeOf(() => reconciliation.resolve());
    const ids = unresolved.map(([id]) => id);
    const verdictOf = (id: string) => world.verdictOf(world.payments.get(id)!, model.holds.get(id)!.saysNotCharged ?? false);
    expectEqual(outcome, model.resolve(ids, verdictOf));
    if (world.meanwhile && meanwhile) await this.make(meanwhile); // nobody was asked
    world.meanwhile = undefined;
  }

  private async operate({ control }: Running, step: OperatorStep): Promise<void> {
    const { model, world } = this;
    const reason = 'a test';
    switch (step.act) {
      case 'raise':
        await this.expectOutcome(model.raise(world.today, step.amount), () => control.raise(step.amount, reason));
        return;
      case 'reset':
        await this.expectOutcome(model.reset(world.today), () => control.reset(reason));
        return;
      case 'stop':
        await this.expectOutcome(model.stop(), () => control.stop(reason));
        return;
      case 'resume':
        await this.expectOutcome(model.resume(), () => control.resume(reason));
        return;
      case 'acceptClock':
        await this.expectOutcome(model.acceptClock(world.today), () => control.acceptClock(reason));
        return;
    }
  }

  private get now(): number {
    return this.world.machine.now().getTime();
  }
}

function purchaseOf({ ledger, instance }: Running, id: string): Purchase {
  return { id, ledger, owner: instance.id };
}

/** `expect` alone takes longer than many a step. */
function expectEqual(actual: string, expected: Outcome): void {
  if (actual !== expected) expect(actual).toBe(expected);
}

async function outcomeOf(act: () => Promise<unknown>): Promise<string> {
  try {
    const answer = await act();
    return typeof answer === 'object' && answer !== null && 'kind' in answer ? String(answer.kind) : 'done';
  } catch (error) {
    if (error instanceof CodedError) return error.code;
    throw error;
  }
}
