import { setTimeout as delay } from 'node:timers/promises';
import { callAt } from './soak-calls.js';
import { SoakClient, type Ending } from './soak-client.js';
import { Dice } from './soak-dice.js';
import type { SoakProxy } from './soak-proxy.js';
import type { TillGate } from './soak-world.js';

export type Proxies = readonly [SoakProxy, SoakProxy];

export interface DriveOptions {
  readonly calls: number;
  readonly seed: number;
  readonly kills: number;
  readonly proxies: Proxies;
  readonly till: TillGate;
  readonly progress: (line: string) => void;
}

export interface Drive {
  /** How many calls ended in which way. */
  readonly endings: ReadonlyMap<string, number>;
  /** What no client should have seen. */
  readonly faults: readonly string[];
  /** How often a client found nobody listening, and turned to the other proxy. */
  readonly refusedConnections: number;
  readonly kills: number;
  readonly seconds: number;
}

const AT_ONCE = 24;
const PROGRESS_EVERY_CALLS = 500;
const TURN_TO_THE_OTHER_AFTER_MS = 100;
const MAX_TURNS = 600;
/** A connection that a kill has cut may be found out by the next call on it. */
const CUT_SHOWS_WITHIN_MS = 2_000;
/** The part of the killed ones that are killed again before they listen, or shortly after. */
const DIES_STARTING = 0.25;
const DIES_STARTING_WITHIN_MS = 2_000;
const MAX_FAULTS_KEPT = 30;
/** Of the dice, away from those of the calls. */
const KILLS_PLACE = -2;

/** Makes every call of the run, so many at once, while proxies are killed and started again. */
export async function drive(options: DriveOptions): Promise<Drive> {
  const client = new SoakClient();
  const run = new Run(options, client);
  try {
    await run.call(0);
    await Promise.all([run.killAndRestart(), ...Array.from({ length: AT_ONCE }, () => run.callOnAndOn())]);
    return run.result();
  } finally {
    await client.close();
  }
}

class Run {
  private readonly startedAt = performance.now();
  private readonly endings = new Map<string, number>();
  private readonly faults: string[] = [];
  private next = 1;
  private killed = 0;
  private refused = 0;

  constructor(
    private readonly options: DriveOptions,
    private readonly client: SoakClient,
  ) {}

  async callOnAndOn(): Promise<void> {
    const { calls, till, progress } = this.options;
    for (let index = this.next++; index < calls; index = this.next++) {
      if (index % PROGRESS_EVERY_CALLS === 0) progress(`${index} calls after ${this.seconds().toFixed(0)} s, ${this.killed} kills`);
      await till.hasRoom();
      await this.call(index);
    }
  }

  async call(index: number): Promise<void> {
    const call = callAt(this.options.seed, index);
    let proxy = this.options.proxies[call.proxy];
    for (let turn = 1; ; turn += 1) {
      const startedAt = performance.now();
      const ending = await this.client.make(call, proxy.url);
      const isKilled = proxy.killedAt > startedAt - CUT_SHOWS_WITHIN_MS;
      if (ending.kind !== 'not connected' || turn === MAX_TURNS) return this.count(index, ending, isKilled);
      this.refused += 1;
      await delay(TURN_TO_THE_OTHER_AFTER_MS);
      proxy = this.options.proxies.find((other) => other !== proxy) ?? proxy;
    }
  }

  /** One proxy at a time, at moments that the seed chooses. */
  async killAndRestart(): Promise<void> {
    const { calls, seed, kills, proxies } = this.options;
    const dice = new Dice(seed, KILLS_PLACE);
    const moments = Array.from({ length: kills }, () => 1 + dice.below(calls - 1)).toSorted((one, other) => one - other);
    for (const moment of moments) {
      while (this.next < moment) await delay(5);
      const proxy = dice.pick(proxies);
      await delay(dice.below(50));
      await proxy.kill();
      this.killed += 1;
      if (dice.chance(DIES_STARTING)) {
        await proxy.startAndDie(dice.below(DIES_STARTING_WITHIN_MS));
        this.killed += 1;
      }
      await proxy.start();
    }
  }

  result(): Drive {
    const { endings, faults, refused: refusedConnections, killed: kills } = this;
    return { endings, faults, refusedConnections, kills, seconds: this.seconds() };
  }

  private count(index: number, { kind, label, fault }: Ending, isKilled: boolean): void {
    const isExpected = kind === 'cut' && isKilled;
    const counted = isExpected ? 'connection cut by a kill' : label;
    this.endings.set(counted, (this.endings.get(counted) ?? 0) + 1);
    if (fault !== undefined && !isExpected && this.faults.length < MAX_FAULTS_KEPT) this.faults.push(`call ${index} (${label}): ${fault}`);
  }

  private seconds(): number {
    return (performance.now() - this.startedAt) / 1000;
  }
}
