import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Caller } from './caller.js';
import { type ChildPlace, startChildren } from './children.js';
import { clawRouter } from './clawrouter.js';
import { freely, kindName, openLanes, type Lane } from './lanes.js';
import type { OtherGateway } from './other-gateway.js';
import { portkey } from './portkey.js';
import { memoryMib } from './process-figures.js';
import { callTable } from './report.js';
import { laneOf, type LaneResult, type Settings } from './results.js';
import { LOADS, measureInRounds } from './rounds.js';
import { number, table } from './text.js';
import { type CallKind, isSameKind } from './wire.js';

const USAGE = `Usage: npm run bench:gateway -- [--clawrouter DIRECTORY]

  --clawrouter  measure ClawRouter and not Portkey: a checkout of its repository, or its installed package
`;
const SETTINGS: Settings = { rounds: 6, requests: 200, loadSeconds: 1, tokens: 24, firstTokenMs: 0 };

const progress = (line: string) => void process.stderr.write(`${line}\n`);

interface Measured {
  readonly lanes: readonly LaneResult[];
  readonly oursMib: number;
  readonly theirsMib: number;
}

/** The same calls direct, through a pipe, through this proxy and through a gateway of the field, in turns. */
async function measure(gateway: OtherGateway, at: ChildPlace): Promise<Measured> {
  const { directory, opened } = at;
  const { tokens, firstTokenMs } = SETTINGS;
  const children = await startChildren({ ...at, tokens, firstTokenMs });
  const other = await gateway.start(children.upstream, at);
  const most = Math.max(...LOADS);
  const ours = openLanes(children, most);
  opened({ stop: () => ours.close() });
  const caller = new Caller(other.url, '/v1/chat/completions', most);
  opened({ stop: () => caller.close() });
  const headers = gateway.headers(children.upstream);
  const lanes = gateway.kinds.flatMap((kind): Lane[] => [
    ...ours.all.filter((lane) => isSameKind(kind, lane)),
    { ...kind, name: 'other gateway', way: 'gateway', pid: other.pid, call: freely(caller, kind, headers) },
  ]);
  const { lanes: measured } = await measureInRounds(lanes, SETTINGS, { directory, progress });
  const mostMib = (pid: number) => memoryMib(pid, 'VmHWM');
  return { lanes: measured, oursMib: mostMib(children.proxy.pid), theirsMib: mostMib(other.pid) };
}

function reportOf({ name, kinds }: OtherGateway, measured: Measured): string {
  const { lanes, oursMib, theirsMib } = measured;
  const verdicts = kinds.flatMap((kind) => verdictsOn(kind, measured));
  return [
    `${name} beside this proxy, Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}`,
    callTable(lanes),
    '',
    table([...verdicts, lessIsBetter('most resident, MiB', oursMib, theirsMib)], 'words'),
  ].join('\n');
}

function verdictsOn(kind: CallKind, measured: Measured): string[][] {
  const [ours, theirs] = [laneOf(measured, 'proxy', kind), laneOf(measured, 'gateway', kind)];
  const of = (figure: (lane: LaneResult) => number) => [figure(ours), figure(theirs)] as const;
  const call = kindName(kind);
  return [
    lessIsBetter(`${call}, added p50, ms`, ...of(({ addedP50Ms }) => addedP50Ms)),
    moreIsBetter(`${call}, requests/s at 20`, ...of(({ rateAt20 }) => rateAt20)),
    moreIsBetter(`${call}, requests/s at 50`, ...of(({ rateAt50 }) => rateAt50)),
    lessIsBetter(`${call}, CPU per call, ms`, ...of(({ cpuMsPerCall }) => cpuMsPerCall)),
  ];
}

function lessIsBetter(figure: string, ours: number, theirs: number): string[] {
  return verdict(figure, { ours, theirs, ratio: theirs / ours });
}

function moreIsBetter(figure: string, ours: number, theirs: number): string[] {
  return verdict(figure, { ours, theirs, ratio: ours / theirs });
}

/** The ratio is above 1 where ours is better. Two processes of one program differ by a percent. */
function verdict(figure: string, { ours, theirs, ratio }: { ours: number; theirs: number; ratio: number }): string[] {
  const said = Number.isNaN(ratio) ? 'not known' : Math.abs(ratio - 1) <= 0.01 ? 'even' : ratio > 1 ? 'better' : 'WORSE';
  return [said, figure, number(ours, 2), 'beside', number(theirs, 2), `${number(ours / theirs, 2)}x`];
}

function chosenGateway(): OtherGateway | undefined {
  try {
    const { values } = parseArgs({ options: { clawrouter: { type: 'string' } } });
    return values.clawrouter === undefined ? portkey : clawRouter(values.clawrouter);
  } catch (error) {
    progress(error instanceof Error ? error.message : String(error));
    return undefined;
  }
}

async function run(gateway: OtherGateway): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'blockrun-bench-gateway-'));
  const parts: { stop(): Promise<void> }[] = [];
  progress(gateway.name);
  try {
    const measured = await measure(gateway, { directory, opened: (part) => void parts.push(part) });
    process.stdout.write(`${reportOf(gateway, measured)}\n`);
  } finally {
    for (const part of parts.toReversed()) await part.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

const gateway = chosenGateway();
if (gateway === undefined) {
  process.stderr.write(USAGE);
  process.exit(2);
}
await run(gateway);
process.exit();
