import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Caller } from './caller.js';
import { runCommand, startBenchProxy, startUpstream, type Server } from './children.js';
import { quantile, runBatch } from './load.js';
import { memoryMib } from './process-figures.js';
import { milliseconds, number, table } from './text.js';
import { requestBodies } from './wire.js';

/** Kept from one run to the next, and shared with the tests: an install is 230 MB. */
const CACHE = fileURLToPath(new URL('../../node_modules/.cache/blockrun-openclaw-proxy', import.meta.url));
const AGENT_CASH = join(CACHE, 'agentcash', 'node_modules', 'agentcash', 'dist', 'esm', 'index.js');
const ROUNDS = 10;
const WARM_UP_CALLS = 300;
const AIM_MS = 20;

/** One way to have the same paid call signed. */
interface Lane {
  readonly name: string;
  readonly environment: Record<string, string>;
  readonly callsPerRound: number;
  readonly warmUpCalls: number;
  readonly times: number[];
  proxy?: Server;
}

const progress = (line: string) => void process.stderr.write(`${line}\n`);
const opened: { stop(): Promise<void> }[] = [];
const remember = (part: { stop(): Promise<void> }) => void opened.push(part);

/** AgentCash with its balance service answered at once, so that what is measured is this machine's work; and one without a server mode. */
async function writePrograms(directory: string): Promise<{ server: string; commandOnly: string }> {
  const stub = `const send = globalThis.fetch;
globalThis.fetch = (input, init) => (input instanceof Request ? input.url : String(input)).startsWith('https://agentcash.dev/')
  ? Promise.resolve(Response.json({ balance: 1000, network: 'eip155:8453', paymentNetwork: 'base', chainId: 8453 }))
  : send(input, init);
`;
  const run = `await import(${JSON.stringify(AGENT_CASH)});\n`;
  const [server, commandOnly] = [join(directory, 'server.mjs'), join(directory, 'command.mjs')];
  await writeFile(server, stub + run);
  await writeFile(commandOnly, `if (process.argv[2] === 'server') process.exit(1);\n${stub}${run}`);
  return { server, commandOnly };
}

function lanesFor({ server, commandOnly }: { server: string; commandOnly: string }): Lane[] {
  const signedBy = (program: string) => ({ BLOCKRUN_PAYER: 'agentcash', BLOCKRUN_AGENTCASH: program });
  return [
    { name: 'in process', environment: {}, callsPerRound: 50, warmUpCalls: WARM_UP_CALLS, times: [] },
    { name: 'AgentCash, server', environment: signedBy(server), callsPerRound: 50, warmUpCalls: WARM_UP_CALLS, times: [] },
    { name: 'AgentCash, command', environment: signedBy(commandOnly), callsPerRound: 2, warmUpCalls: 1, times: [] },
  ];
}

/** The same paid call through three proxies that differ in who signs, in turns. */
async function measure(directory: string): Promise<string> {
  await mkdir(CACHE, { recursive: true });
  progress(`AgentCash in ${CACHE} (installed where it is missing, which takes a while)`);
  await runCommand(CACHE, ['setup', 'agentcash', '--no-check'], { HOME: process.env['HOME'] });
  const upstream = await startUpstream({ directory, opened: remember, tokens: 24, firstTokenMs: 0 });
  const lanes = lanesFor(await writePrograms(directory));
  const calls = new Map<Lane, () => ReturnType<Caller['post']>>();
  const privateKey = `0x${randomBytes(32).toString('hex')}`;
  for (const [index, lane] of lanes.entries()) {
    const home = join(directory, `proxy-${index}`);
    await mkdir(home, { mode: 0o700 });
    lane.proxy = await startBenchProxy({
      directory: home,
      opened: remember,
      upstream,
      more: { ...lane.environment, X402_PRIVATE_KEY: privateKey },
    });
    const caller = new Caller(lane.proxy.url, '/v1/chat/completions', 1);
    remember({ stop: () => caller.close() });
    const nextBody = requestBodies({ paid: true, streamed: false });
    calls.set(lane, async () => {
      const answered = await caller.post(nextBody());
      if (answered.status !== 200) throw new Error(`${lane.name}: a call was answered with status ${answered.status}`);
      return answered;
    });
  }
  progress('warm-up');
  for (const [{ warmUpCalls }, call] of calls) await runBatch(call, { calls: warmUpCalls, concurrency: 1 });
  for (let round = 1; round <= ROUNDS; round += 1) {
    progress(`round ${round}/${ROUNDS}`);
    for (const [lane, call] of calls) {
      const { times } = await runBatch(call, { calls: lane.callsPerRound, concurrency: 1 });
      lane.times.push(...times.map(({ totalMs }) => totalMs));
    }
  }
  return reportOf(lanes);
}

function reportOf(lanes: readonly Lane[]): string {
  const p50 = ({ times }: Lane) => quantile(times, 0.5);
  const floorMs = lanes[0] ? p50(lanes[0]) : NaN;
  const rows = lanes.map((lane) => [
    lane.name,
    number(p50(lane), 2),
    number(quantile(lane.times, 0.99), 2),
    number(lane === lanes[0] ? NaN : p50(lane) - floorMs, 2),
    number(memoryMib(lane.proxy?.pid ?? 0, 'VmHWM'), 0),
  ]);
  const addedMs = lanes[1] ? p50(lanes[1]) - floorMs : NaN;
  return [
    'A paid call (JSON, one at a time) by who signs it; the balance service of AgentCash is answered at once',
    table([['', 'p50 ms', 'p99 ms', 'added p50', 'most MiB of the proxy'], ...rows]),
    `${addedMs <= AIM_MS ? 'met     ' : 'NOT MET '} ${milliseconds(addedMs)}  the server of AgentCash adds at most ${AIM_MS} ms at p50 over signing in process`,
  ].join('\n');
}

const directory = await mkdtemp(join(tmpdir(), 'blockrun-bench-signers-'));
try {
  process.stdout.write(`${await measure(directory)}\n`);
} finally {
  for (const part of opened.toReversed()) await part.stop();
  await rm(directory, { recursive: true, force: true });
}
process.exit();
