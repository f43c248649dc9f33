/**
 * The events of the proxy, over a request that can carry the token. Where the connection is lost it is made again.
 *
 * @typedef {{ spentUsd: string, calls: number }} Sum
 * @typedef {{ name: string, today: Sum, days: Sum }} NamedSum
 * @typedef {{ code: string, count: number, lastAt: string }} Refusal
 * @typedef {{ id: string, at: string, state: string, model: string | null, client: string | null, priceUsd: string | null, transaction: string | null,
 *   code: string | null, reason: string | null, totalMs: number | null, firstTokenMs: number | null }} Call
 * @typedef {{ ok: boolean, state: string, dryRun: boolean, reasons: string[] }} Health
 * @typedef {{ day: string, capUsd: string, spentUsd: string, heldUsd: string, unresolvedUsd: string, remainingUsd: string, calls: number,
 *   resetsAt: string, stops: string[], health: Health }} Budget
 * @typedef {{ address: string | null, balanceUsd: string | null, balanceFault: string | null, payees: string[], arePayeesSet: boolean }} Wallet
 * @typedef {{ now: string, budget: Budget, wallet: Wallet, refusals: Refusal[], hours: (Sum & { from: string })[],
 *   days: (Sum & { day: string })[], models: NamedSum[], clients: NamedSum[] }} State
 * @typedef {{ state: (state: State) => void, calls: (calls: Call[]) => void, fault: (fault: { message: string }) => void }} Listeners
 */

const TOKEN = 'blockrun-proxy-token';
const FIRST_PAUSE_MS = 1000;
const MAX_PAUSE_MS = 15_000;
/** The proxy says something every 15 seconds: whoever hears nothing for longer has lost it. */
const SILENCE_MS = 40_000;

/** @returns {Record<string, string>} */
function authorization() {
  const token = sessionStorage.getItem(TOKEN);
  return token === null ? {} : { authorization: `Bearer ${token}` };
}

/** @param {string | undefined} token of this tab; undefined forgets it */
export function keepToken(token) {
  if (token === undefined) sessionStorage.removeItem(TOKEN);
  else sessionStorage.setItem(TOKEN, token);
}

export function hasToken() {
  return sessionStorage.getItem(TOKEN) !== null;
}

/** @param {'pause' | 'resume'} act @param {string} reason @returns {Promise<void>} @throws Error in the proxy's words */
export async function change(act, reason) {
  const answer = await fetch(`/dashboard/${act}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...authorization() },
    body: JSON.stringify({ reason }),
  });
  if (!answer.ok) throw new Error(await faultOf(answer));
}

/** Listens until the token is asked for. @param {Listeners} listeners @param {(isLive: boolean) => void} tell @returns {Promise<void>} */
export async function listen(listeners, tell) {
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, MAX_PAUSE_MS)) {
    const silence = new AbortController();
    try {
      const answer = await fetch('/dashboard/events', { headers: authorization(), cache: 'no-store', signal: silence.signal });
      if (answer.status === 401) return;
      if (answer.ok && answer.body !== null) {
        pause = FIRST_PAUSE_MS;
        tell(true);
        await readEvents(answer.body, listeners, silence);
      } else listeners.fault({ message: await faultOf(answer) });
    } catch {
      // The connection broke, or nobody is there: `tell` says so, and it is tried again.
    }
    tell(false);
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

/** @param {ReadableStream<Uint8Array>} body @param {Listeners} listeners @param {AbortController} silence */
async function readEvents(body, listeners, silence) {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let unread = '';
  for (;;) {
    const timer = setTimeout(() => silence.abort(), SILENCE_MS);
    const { done, value } = await reader.read().finally(() => clearTimeout(timer));
    if (done) return;
    const events = (unread + decoder.decode(value, { stream: true })).split('\n\n');
    unread = events.pop() ?? '';
    for (const event of events) dispatch(event, listeners);
  }
}

/** @param {string} text @param {Listeners} listeners */
function dispatch(text, listeners) {
  const [, name, data] = /^event: (\w+)\ndata: (.*)$/.exec(text) ?? [];
  if (data === undefined) return;
  const told = /** @type {unknown} */ (JSON.parse(data));
  if (name === 'state') listeners.state(/** @type {State} */ (told));
  if (name === 'calls') listeners.calls(/** @type {Call[]} */ (told));
  if (name === 'fault') listeners.fault(/** @type {{ message: string }} */ (told));
}

/** @param {Response} answer @returns {Promise<string>} */
async function faultOf(answer) {
  const json = /** @type {Promise<{ error?: { message?: string } } | undefined>} */ (answer.json());
  const said = await json.catch(() => undefined);
  return said?.error?.message ?? `The proxy answered ${answer.status}.`;
}
