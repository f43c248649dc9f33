import { Agent, errors, request } from 'undici';
import type { SoakCall } from './soak-calls.js';

/** How a call ended for the client that made it. */
export interface Ending {
  readonly kind: 'answered' | 'left' | 'not connected' | 'cut' | 'hung';
  /** How it is counted in the report. */
  readonly label: string;
  /** What a client must never see; undefined for all that can be expected here. */
  readonly fault?: string;
}

/** Far above every limit that the proxy has for a call: whoever waits so long waits for ever. */
const HUNG_AFTER_MS = 60_000;
/** What the proxy takes at most. */
const MAX_BODY_CHARS = 5 * 1024 * 1024;
const NEVER_EXPECTED = ['internal_error', 'ledger_unavailable', 'audit_unavailable', 'clock_unreliable', 'spending_stopped'];

/** Makes calls as clients make them: over kept connections, and leaving when they have had enough. */
export class SoakClient {
  private readonly agent = new Agent({ headersTimeout: HUNG_AFTER_MS, bodyTimeout: HUNG_AFTER_MS });

  async make(call: SoakCall, origin: string): Promise<Ending> {
    const leaving = new AbortController();
    const departure = setTimeout(() => leaving.abort('left'), call.leavesAfterMs ?? HUNG_AFTER_MS);
    try {
      const answer = await request(`${origin}/v1/chat/completions`, {
        method: 'POST',
        dispatcher: this.agent,
        headers: call.headers,
        body: call.body,
        signal: leaving.signal,
      });
      // The signal ends the request, but not always the reading of a body that has begun.
      const text = await answer.body.text();
      const isReplay = answer.headers['x-blockrun-proxy-replay-of'] !== undefined;
      return judge(
        { status: answer.statusCode, isStream: String(answer.headers['content-type']).startsWith('text/event-stream') },
        text,
        isReplay,
      );
    } catch (error) {
      if (leaving.signal.aborted) return call.leavesAfterMs === undefined ? hung() : { kind: 'left', label: 'client left' };
      return endingOf(error, call);
    } finally {
      clearTimeout(departure);
    }
  }

  async close(): Promise<void> {
    await this.agent.destroy();
  }
}

function hung(): Ending {
  return { kind: 'hung', label: 'hung', fault: `no end within ${HUNG_AFTER_MS / 1000} s` };
}

function endingOf(error: unknown, { body }: SoakCall): Ending {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ECONNREFUSED') return { kind: 'not connected', label: 'not connected', fault: 'no proxy listened for a minute' };
  if (error instanceof errors.HeadersTimeoutError || error instanceof errors.BodyTimeoutError) return hung();
  // The refusal comes while the body is on its way, and the connection is closed behind it: some clients see only that.
  if (body.length > MAX_BODY_CHARS) return { kind: 'cut', label: 'connection cut while it sent too much' };
  return { kind: 'cut', label: 'connection cut', fault: `${code ?? 'no code'}: ${message}` };
}

function judge({ status, isStream }: { status: number; isStream: boolean }, text: string, isReplay: boolean): Ending {
  const answered = (label: string, fault?: string): Ending => ({
    kind: 'answered',
    label: isReplay ? `${label}, shared` : label,
    ...(fault !== undefined && { fault }),
  });
  if (status !== 200) {
    const code = errorCodeOf(text);
    const isFault = code === undefined || NEVER_EXPECTED.includes(code);
    return answered(`${status} ${code ?? 'without a code'}`, isFault ? text.slice(0, 300) : undefined);
  }
  if (!isStream) return text.includes('"choices"') ? answered('200 JSON') : answered('200 JSON', `no completion: ${text.slice(0, 300)}`);
  if (!text.endsWith('data: [DONE]\n\n')) return answered('200 stream', `a stream without its end: ${text.slice(-300)}`);
  return answered(text.includes('"finish_reason":"length"') ? '200 stream, broken and closed' : '200 stream');
}

function errorCodeOf(text: string): string | undefined {
  try {
    const { error } = JSON.parse(text) as { error?: { code?: unknown } };
    return typeof error?.code === 'string' ? error.code : undefined;
  } catch {
    return undefined; // told as a fault by whoever asked
  }
}
