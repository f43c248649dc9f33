/**
 * Gateways that were measured side by side on another two-core machine against one mock upstream (November 2026). Their milliseconds
 * are that machine's; what can be compared is the multiple of a bare pipe, which was measured beside them and is measured here too.
 */
export interface Gateway {
  readonly name: string;
  /** True for those that also pay or keep a budget for each call, as a paid call of ours does. */
  readonly spends: boolean;
  readonly addedP50Ms: number;
  readonly rateAt20: number;
  readonly rateAt50: number;
  readonly cpuMsPerCall: number;
  /** NaN where the whole answer is collected first and then streamed. */
  readonly addedFirstTokenMs: number;
  readonly peakMib: number;
}

export type Figure = Exclude<keyof Gateway, 'name' | 'spends'>;

export const PEERS_PIPE: Gateway = {
  name: 'node:http pipe, Node 20',
  spends: false,
  addedP50Ms: 0.95,
  rateAt20: 7667,
  rateAt50: 5677,
  cpuMsPerCall: 0.078,
  addedFirstTokenMs: 1.0,
  peakMib: 66,
};

export const PEERS: readonly Gateway[] = [
  {
    name: 'Portkey gateway 1.15.2, Node 20',
    spends: false,
    addedP50Ms: 7.8,
    rateAt20: 985,
    rateAt50: 749,
    cpuMsPerCall: 1.07,
    addedFirstTokenMs: 30,
    peakMib: 200,
  },
  {
    name: 'Portkey gateway 1.15.2, Node 24',
    spends: false,
    addedP50Ms: 5.0,
    rateAt20: 1081,
    rateAt50: 1511,
    cpuMsPerCall: 0.91,
    addedFirstTokenMs: 29,
    peakMib: 323,
  },
  {
    name: 'BlockRun ClawRouter 0.12.246, unpaid',
    spends: false,
    addedP50Ms: 4.0,
    rateAt20: 466,
    rateAt50: 1033,
    cpuMsPerCall: 1.74,
    addedFirstTokenMs: NaN,
    peakMib: 360,
  },
  {
    name: 'BlockRun ClawRouter 0.12.246, x402 signed',
    spends: true,
    addedP50Ms: 6.7,
    rateAt20: 414,
    rateAt50: 477,
    cpuMsPerCall: 3.02,
    addedFirstTokenMs: NaN,
    peakMib: 355,
  },
  {
    name: 'openclaw/clawrouter 0.2.0, budget',
    spends: true,
    addedP50Ms: 26,
    rateAt20: 171,
    rateAt50: 206,
    cpuMsPerCall: 5.84,
    addedFirstTokenMs: 16,
    peakMib: 880,
  },
];

/** More is better for rates, less for everything else. */
export function isBetter(figure: Figure, one: number, other: number): boolean {
  return figure === 'rateAt20' || figure === 'rateAt50' ? one > other : one < other;
}

/** @throws when none of them has the figure */
export function bestOf(figure: Figure, gateways: readonly Gateway[]): Gateway {
  const measured = gateways.filter((gateway) => !Number.isNaN(gateway[figure]));
  return measured.reduce((best, gateway) => (isBetter(figure, gateway[figure], best[figure]) ? gateway : best));
}
