import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { catchError, concat, defer, exhaustMap, filter, finalize, map, type Observable, of, share, Subject, takeUntil, timer } from 'rxjs';
import { Clock } from '../clock/clock.js';
import { CodedError } from '../errors/coded-error.js';
import { reasonOf } from '../errors/reason-of.js';
import type { ActivityView } from './activity.js';
import { type BudgetFacts, BudgetView } from './budget-view.js';
import { CallWatch } from './call-watch.js';
import type { ShownRefusal } from './recent-calls.js';
import { type WalletFacts, WalletView } from './wallet-view.js';

const LOOK_EVERY_MS = 1000;
/** More than anybody has screens; each is a connection. */
const MAX_OPEN = 64;

/** What the page shows, but for the calls. */
export interface DashboardState extends ActivityView {
  budget: BudgetFacts;
  wallet: WalletFacts;
  refusals: ShownRefusal[];
}

/**
 * What dashboards are told, as server-sent events: `state` and `calls` at the beginning, then what has changed; `fault` while the books
 * cannot be read. One look a second serves all that are open, and there is none while none is.
 */
@Injectable()
export class DashboardService implements OnModuleDestroy {
  private readonly stopping = new Subject<void>();
  private readonly changes: Observable<string>;
  private open = 0;
  private running: Promise<DashboardState> | undefined;
  private told = '';

  constructor(
    private readonly watch: CallWatch,
    private readonly budget: BudgetView,
    private readonly wallet: WalletView,
    @Inject(Clock) private readonly clock: Clock,
  ) {
    const look = defer(() => this.look()).pipe(
      map((state) => this.changesTo(state)),
      catchError((error: unknown) => of(faultEvent(error))),
    );
    this.changes = timer(LOOK_EVERY_MS, LOOK_EVERY_MS).pipe(
      exhaustMap(() => look),
      filter((text) => text !== ''),
      takeUntil(this.stopping),
      share(),
    );
  }

  /** For one dashboard, until it leaves or the proxy stops. @throws CodedError invalid_request when too many are open */
  events(): Observable<string> {
    if (this.open >= MAX_OPEN) throw new CodedError('invalid_request', `${MAX_OPEN} dashboards are open already: close one.`);
    const everything = defer(() => this.look()).pipe(
      map((state) => this.stateEvent(state) + event('calls', this.watch.recent.all())),
      catchError((error: unknown) => of(faultEvent(error))),
    );
    return defer(() => {
      this.open += 1;
      return concat(everything, this.changes).pipe(
        takeUntil(this.stopping),
        finalize(() => (this.open -= 1)),
      );
    });
  }

  onModuleDestroy(): void {
    this.watch.leave();
    this.stopping.next();
  }

  /** One at a time: who asks while one is under way gets that one. */
  private look(): Promise<DashboardState> {
    this.running ??= this.read().finally(() => (this.running = undefined));
    return this.running;
  }

  private async read(): Promise<DashboardState> {
    await this.watch.look();
    const [budget, wallet] = [await this.budget.facts(), await this.wallet.facts()];
    return { budget, wallet, refusals: this.watch.recent.refused(), ...this.watch.activity.view(this.clock.now()) };
  }

  private changesTo(state: DashboardState): string {
    const calls = this.watch.recent.takeChanged();
    const text = JSON.stringify(state);
    const isNew = text !== this.told;
    this.told = text;
    return (isNew ? this.stateEvent(state) : '') + (calls.length > 0 ? event('calls', calls) : '');
  }

  /** With the time, by which the page reckons: its own clock may be wrong. */
  private stateEvent(state: DashboardState): string {
    return event('state', { now: this.clock.now().toISOString(), ...state });
  }
}

function faultEvent(error: unknown): string {
  return event('fault', { message: reasonOf(error) });
}

/** JSON has no line breaks, so that one line is the whole of its data. */
function event(name: string, data: unknown): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}
