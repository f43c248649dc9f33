import type { OpenClawCli } from './openclaw-cli.js';
import { OpenClawError } from './openclaw-error.js';

const PROMPT = 'Answer with one word: ready';
const HEALTH_TIMEOUT_MS = 5000;

/** One short paid request through OpenClaw and the proxy. Returns what was answered. @throws OpenClawError */
export async function askForCheck(cli: OpenClawCli, { baseUrl, ref }: { baseUrl: string; ref: string }): Promise<string> {
  if (!(await isProxyUp(baseUrl)))
    throw new OpenClawError(`The proxy does not answer at ${baseUrl}: start it, then run this again. Nothing was paid.`);
  const { output, errors } = await cli.ask(ref, PROMPT);
  const said = answerOf(output);
  if ('text' in said) return said.text;
  throw new OpenClawError(`OpenClaw got no answer: ${(said.error ?? errors).trim().slice(0, 600)}`);
}

/** A proxy that says why it cannot pay is up, too: the request then tells. */
export async function isProxyUp(baseUrl: string): Promise<boolean> {
  try {
    const answer = await fetch(new URL('/health', baseUrl), { signal: AbortSignal.timeout(HEALTH_TIMEOUT_MS) });
    return answer.headers.has('x-blockrun-proxy-request-id');
  } catch {
    return false; // nobody listens there
  }
}

function answerOf(output: string): { text: string } | { error: string | undefined } {
  try {
    const { ok, outputs, error } = JSON.parse(output) as { ok?: unknown; outputs?: { text?: unknown }[]; error?: { message?: string } };
    const text = outputs?.map((part) => (typeof part.text === 'string' ? part.text : '')).join(' ');
    return ok === true && text ? { text: text.trim().slice(0, 200) } : { error: error?.message };
  } catch {
    return { error: undefined };
  }
}
