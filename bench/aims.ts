import { bestOf, isBetter, PEERS, PEERS_PIPE, type Figure, type Gateway } from './peers.js';
import { laneOf, type Results } from './results.js';
import { milliseconds, number } from './text.js';

export interface Verdict {
  readonly aim: string;
  readonly measured: string;
  /** Undefined where a figure is missing. */
  readonly isMet: boolean | undefined;
}

const FIRST_TOKEN_MS = 2;
const PAID_CALL_MS = 5;
const PEAK_MIB = 200;
const SHARED_LEDGER_RATIO = 3;

/** What this proxy promises, in its own figures. */
export function promises(results: Results): readonly Verdict[] {
  const stream = { paid: false, streamed: true };
  const overPipeMs = laneOf(results, 'proxy', stream).firstTokenP50Ms - laneOf(results, 'pipe', stream).firstTokenP50Ms;
  const paidMs = laneOf(results, 'proxy', { paid: true, streamed: false }).addedP50Ms;
  const allowedMs = results.diskSyncP50Ms + PAID_CALL_MS;
  const { embeddedMs, sharedMs } = results.sharedLedger.p50;
  return [
    {
      aim: `a free stream adds at most ${FIRST_TOKEN_MS} ms to the first token over the pipe`,
      measured: milliseconds(overPipeMs),
      isMet: atMost(overPipeMs, FIRST_TOKEN_MS),
    },
    {
      aim: `a paid call adds at most one sync + ${PAID_CALL_MS} ms at p50 to its two round trips`,
      measured: `${milliseconds(paidMs)} of ${milliseconds(allowedMs)}`,
      isMet: atMost(paidMs, allowedMs),
    },
    {
      aim: `less than ${PEAK_MIB} MiB at 50 concurrent calls`,
      measured: `${number(results.peakMib, 0)} MiB`,
      isMet: Number.isNaN(results.peakMib) ? undefined : results.peakMib < PEAK_MIB,
    },
    {
      aim: `placing and signing on a PostgreSQL server takes at most ${SHARED_LEDGER_RATIO} times as long as in a file, at p50`,
      measured: `${number(sharedMs / embeddedMs, 2)}x (${milliseconds(sharedMs)})`,
      isMet: atMost(sharedMs / embeddedMs, SHARED_LEDGER_RATIO),
    },
  ];
}

interface FigureText {
  readonly figure: SpeedFigure;
  readonly name: string;
  readonly unit: string;
  readonly decimals: number;
}

const FIGURES: readonly FigureText[] = [
  { figure: 'addedP50Ms', name: 'added p50', unit: ' ms', decimals: 2 },
  { figure: 'rateAt20', name: 'requests/s at 20', unit: '', decimals: 0 },
  { figure: 'rateAt50', name: 'requests/s at 50', unit: '', decimals: 0 },
  { figure: 'cpuMsPerCall', name: 'CPU per call', unit: ' ms', decimals: 2 },
  { figure: 'addedFirstTokenMs', name: 'added first token', unit: ' ms', decimals: 2 },
];

/** Free and paid calls against the best gateway in each figure, and paid ones also against the best of those that spend too. */
export function againstPeers(results: Results): readonly Verdict[] {
  const pipe = figuresOf(results, 'pipe', false);
  const best = { name: 'best', gateways: PEERS };
  const bestSpender = { name: 'best that spends', gateways: PEERS.filter(({ spends }) => spends) };
  const free = figuresOf(results, 'proxy', false);
  const paid = figuresOf(results, 'proxy', true);
  return [
    ...FIGURES.map((figure) => verdictOn(figure, { call: 'free', ours: free, pipe }, best)),
    ...FIGURES.map((figure) => verdictOn(figure, { call: 'paid', ours: paid, pipe }, bestSpender)),
    ...FIGURES.map((figure) => verdictOn(figure, { call: 'paid', ours: paid, pipe }, best)),
    ...[best, bestSpender].map((rivals) => verdictOnMemory(results.peakMib, rivals)),
  ];
}

interface Rivals {
  readonly name: string;
  readonly gateways: readonly Gateway[];
}

function verdictOn({ figure, name, unit, decimals }: FigureText, { call, ours, pipe }: Contender, rivals: Rivals): Verdict {
  const best = bestOf(figure, rivals.gateways);
  const [mine, theirs] = [multiple(figure, ours, pipe), multiple(figure, best, PEERS_PIPE)];
  const shown = (value: number, times: number) => `${number(value, decimals)}${unit} (${number(times, 2)}x pipe)`;
  return {
    aim: `${call} call, ${name}; the ${rivals.name}: ${shown(best[figure], theirs)}, ${best.name}`,
    measured: shown(ours[figure], mine),
    isMet: Number.isNaN(mine) ? undefined : isBetter(figure, mine, theirs),
  };
}

/** Memory does not depend on how fast a machine is, so it is judged as it is. */
function verdictOnMemory(peakMib: number, rivals: Rivals): Verdict {
  const best = bestOf('peakMib', rivals.gateways);
  return {
    aim: `peak memory; the ${rivals.name}: ${best.peakMib} MiB, ${best.name}`,
    measured: `${number(peakMib, 0)} MiB`,
    isMet: Number.isNaN(peakMib) ? undefined : isBetter('peakMib', peakMib, best.peakMib),
  };
}

interface Contender {
  readonly call: 'free' | 'paid';
  readonly ours: Figures;
  readonly pipe: Figures;
}

type SpeedFigure = Exclude<Figure, 'peakMib'>;
type Figures = Pick<Gateway, SpeedFigure>;

/** All over the same floor as the peers': a free call direct to the upstream, and for a paid one its two round trips. */
function figuresOf(results: Results, way: 'pipe' | 'proxy', paid: boolean): Figures {
  const { addedP50Ms, rateAt20, rateAt50, cpuMsPerCall } = laneOf(results, way, { paid, streamed: false });
  const { addedFirstTokenMs } = laneOf(results, way, { paid, streamed: true });
  return { addedP50Ms, rateAt20, rateAt50, cpuMsPerCall, addedFirstTokenMs };
}

/** Of the pipe beside which it was measured; NaN where the pipe's own figure is lost in the noise. */
function multiple(figure: SpeedFigure, figures: Figures, pipe: Figures): number {
  return pipe[figure] > 0.01 ? figures[figure] / pipe[figure] : NaN;
}

function atMost(value: number, limit: number): boolean | undefined {
  return Number.isNaN(value) ? undefined : value <= limit;
}
