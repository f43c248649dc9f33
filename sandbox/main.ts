import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { AnvilMissingError } from './anvil.process.js';
import { demonstrate, MODEL } from './demonstration.js';
import { ProxyNotBuiltError, startProxy, type ProxyProcess } from './proxy.process.js';
import { startWorld, type World } from './world.js';

const USAGE = `Usage: npm run sandbox -- [--port 8787] [--once] [--no-chain]

  --port      where the proxy listens; another port is taken if this one is in use
  --once      make the paid call, compare the accounts, stop
  --no-chain  verify signatures only; nothing is settled
`;
const DEFAULT_PORT = 8787;

const print = (text: string) => void process.stdout.write(text);
const printLine = (line: string) => print(`${line}\n`);

interface Arguments {
  readonly port: number;
  readonly once: boolean;
  readonly chain: 'anvil' | 'none';
}

/** Resolves when the user wants to stop. A second Ctrl-C changes nothing: stopping is bounded anyway. */
const askedToStop = new Promise<'stopped'>((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve('stopped'));
});

function readArguments(): Arguments | undefined {
  try {
    const { values } = parseArgs({
      options: { port: { type: 'string' }, once: { type: 'boolean' }, 'no-chain': { type: 'boolean' }, help: { type: 'boolean' } },
    });
    const port = Number(values.port ?? DEFAULT_PORT);
    const isPort = Number.isInteger(port) && port > 0 && port < 65_536;
    if (values.help === true || !isPort) return undefined;
    return { port, once: values.once === true, chain: values['no-chain'] === true ? 'none' : 'anvil' };
  } catch (error) {
    printLine(error instanceof Error ? error.message : String(error));
    return undefined;
  }
}

async function openWorld(chain: 'anvil' | 'none'): Promise<World> {
  if (chain === 'none') printLine('No chain: signatures are verified, nothing is settled.');
  try {
    return await startWorld({ chain, onProgress: printLine });
  } catch (error) {
    if (!(error instanceof AnvilMissingError)) throw error;
    printLine(`${error.message}\nGoing on without a chain: signatures are verified, nothing is settled.`);
    return startWorld({ chain: 'none', onProgress: printLine });
  }
}

function printInvitation({ url }: ProxyProcess): void {
  const body = JSON.stringify({ model: MODEL, stream: true, messages: [{ role: 'user', content: 'Hello' }] });
  printLine(`\nThe proxy stays up. Try it:\n\n  curl -N ${url}/v1/chat/completions -H 'content-type: application/json' -d '${body}'`);
  printLine(`\nFor OpenClaw, or any OpenAI client, the base URL is ${url}/v1 (any API key).\nCtrl-C stops everything.`);
}

/** The whole visit: returns the exit code. What was started is in `opened`, so that the caller stops it on every way out. */
async function visit({ port, once, chain }: Arguments, directory: string, opened: { stop(): Promise<void> }[]): Promise<number> {
  const world = await openWorld(chain);
  opened.push(world);
  const proxy = await startProxy({ world, directory, port, print: printLine });
  opened.push(proxy);
  printLine(`Proxy: ${proxy.url}, daily cap 1.00 USD, wallet ${world.wallet.address}`);
  const isInAgreement = await demonstrate(world, proxy, print);
  if (once || !isInAgreement) return isInAgreement ? 0 : 1;

  printInvitation(proxy);
  const output = await proxy.died;
  printLine(`\nThe proxy ended by itself:\n${output}`);
  return 1;
}

async function run(given: Arguments): Promise<number> {
  const directory = await mkdtemp(join(tmpdir(), 'blockrun-sandbox-'));
  const opened: { stop(): Promise<void> }[] = [];
  // Told to stop, we leave a visit that is under way; it may still be opening something, and that is stopped too.
  let isStopping = false;
  const visited = visit(given, directory, opened).catch((error: unknown) => {
    if (!isStopping) printLine(`\n${error instanceof Error ? explain(error) : String(error)}`);
    return 1;
  });
  const outcome = await Promise.race([visited, askedToStop]);
  isStopping = true;
  if (outcome === 'stopped') printLine('\nStopping …');
  for (const part of [...opened].reverse()) await part.stop();
  await rm(directory, { recursive: true, force: true });
  return outcome === 'stopped' ? 0 : outcome;
}

function explain(error: Error): string {
  return error instanceof ProxyNotBuiltError ? error.message : `The sandbox failed: ${error.message}`;
}

const given = readArguments();
if (given === undefined) {
  print(USAGE);
  process.exitCode = 2;
} else {
  // Exit at once: whatever is still opening after a Ctrl-C is bound to this process and ends with it.
  process.exit(await run(given));
}
