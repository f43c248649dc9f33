import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

/** Runs the built program with these words to its end, without a wallet, and with nothing of this process' environment but what is given. */
export async function runProgram(
  words: readonly string[],
  { directory, environment }: { directory: string; environment: Record<string, string> },
): Promise<{ code: number | null; output: string; errors: string }> {
  const env = { PATH: process.env.PATH, HOME: directory, ...environment };
  const child = spawn(process.execPath, [MAIN, ...words], { cwd: directory, env });
  const ran = { output: '', errors: '' };
  child.stdout.on('data', (part: Buffer) => (ran.output += part.toString()));
  child.stderr.on('data', (part: Buffer) => (ran.errors += part.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, ...ran };
}
