import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Caller } from './caller.js';
import { startChildren } from './children.js';
import { freely, openLanes, type Lane } from './lanes.js';
import { isBetter, type Figure } from './peers.js';
import { installPortkey, PORTKEY, portkeyHeaders, startPortkey } from './portkey.js';
import { memoryMib } from './process-figures.js';
import { callTable } from './report.js';
import type { LaneResult, Settings } from './results.js';
import { LOADS, measureInRounds } from './rounds.js';
import { number } from './text.js';
import { UPSTREAM_PATH } from './wire.js';

const SETTINGS: Settings = { rounds: 6, requests: 200, loadSeconds: 1, tokens: 24, firstTokenMs: 0 };
/** Free, and whole: the streams of this gateway fail on Node's own `fetch` ("immutable" headers), and it pays nobody. */
const KIND = { paid: false, streamed: false };

const progress = (line: string) => void process.stderr.write(`${line}\n`);
const opened: { stop(): Promise<void> }[] = [];
const remember = (part: { stop(): Promise<void> }) => void opened.push(part);

interface Measured {
  readonly lanes: readonly LaneResult[];
  readonly oursMib: number;
  readonly theirsMib: number;
}

/** The same free call direct, through a pipe, through this proxy and through a gateway of the field, in turns. */
async function measure(directory: string): Promise<Measured> {
  progress(`${PORTKEY} (installed where it is missing)`);
  await installPortkey();
  const { tokens, firstTokenMs } = SETTINGS;
  const children = await startChildren({ directory, tokens, firstTokenMs, opened: remember });
  const portkey = await startPortkey(remember);
  const most = Math.max(...LOADS);
  const lanes = openLanes(children, most);
  remember({ stop: () => lanes.close() });
  const caller = new Caller(portkey.url, '/v1/chat/completions', most);
  remember({ stop: () => caller.close() });
  const headers = portkeyHeaders(children.upstream.url + dirname(dirname(UPSTREAM_PATH)));
  const theirs: Lane = { ...KIND, name: 'Portkey', way: 'gateway', pid: portkey.pid, call: freely(caller, KIND, headers) };
  const ours = lanes.all.filter(({ paid, streamed }) => paid === KIND.paid && streamed === KIND.streamed);
  const { lanes: measured } = await measureInRounds([...ours, theirs], SETTINGS, { directory, progress });
  const mostMib = (pid: number) => memoryMib(pid, 'VmHWM');
  return { lanes: measured, oursMib: mostMib(children.proxy.pid), theirsMib: mostMib(portkey.pid) };
}

function reportOf({ lanes, oursMib, theirsMib }: Measured): string {
  const [ours, theirs] = ['proxy', 'gateway'].map((way) => lanes.find((lane) => lane.way === way));
  const verdict = (figure: Figure, name: string, mine = NaN, other = NaN) =>
    `${isBetter(figure, mine, other) ? 'better' : 'WORSE '}  ${name}: ${number(mine, 2)} beside ${number(other, 2)} (${number(mine / other, 2)}x)`;
  return [
    `${PORTKEY} beside this proxy, Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}`,
    callTable(lanes),
    verdict('addedP50Ms', 'added p50, ms', ours?.addedP50Ms, theirs?.addedP50Ms),
    verdict('rateAt20', 'requests/s at 20', ours?.rateAt20, theirs?.rateAt20),
    verdict('rateAt50', 'requests/s at 50', ours?.rateAt50, theirs?.rateAt50),
    verdict('cpuMsPerCall', 'CPU per call, ms', ours?.cpuMsPerCall, theirs?.cpuMsPerCall),
    verdict('peakMib', 'most resident, MiB', oursMib, theirsMib),
  ].join('\n');
}

const directory = await mkdtemp(join(tmpdir(), 'blockrun-bench-gateway-'));
try {
  process.stdout.write(`${reportOf(await measure(directory))}\n`);
} finally {
  for (const part of opened.toReversed()) await part.stop();
  await rm(directory, { recursive: true, force: true });
}
process.exit();
