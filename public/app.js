import { BarChart } from './charts.js';
import { micro, timeLeft, usd, usdOfMicro } from './format.js';
import { change, hasToken, keepToken, listen } from './live.js';
import { callsToday, element, explorerLink, showCalls, showNamed, showRefusals, showSums } from './tables.js';

/** @typedef {import('./live.js').State} State @typedef {import('./live.js').Call} Call */

const MAX_CALLS = 50;

/** @template {HTMLElement} [E=HTMLElement] @param {string} id @returns {E} */
const at = (id) => /** @type {E} */ (document.getElementById(id));

const hours = new BarChart(at('hours'), (bar) => bar % 6 === 5);
const days = new BarChart(at('days'), (bar) => bar % 7 === 1);
/** @type {Map<string, Call>} */
const calls = new Map();
/** @type {State | undefined} */
let latest;
/** By how much the clock of the proxy is ahead of the browser's. */
let aheadMs = 0;
/** @type {'pause' | 'resume'} */
let act = 'pause';

const now = () => new Date(Date.now() + aheadMs);

/** @param {string} id @param {string} text */
function say(id, text) {
  const place = at(id);
  if (place.textContent !== text) place.textContent = text;
}

/** @param {State} state */
function showState(state) {
  latest = state;
  aheadMs = new Date(state.now).getTime() - Date.now();
  at('main').hidden = false;
  showBudget(state.budget);
  showHealth(state.budget);
  showWallet(state.wallet);
  hours.show(state.hours.map(({ from, spentUsd }) => ({ label: `${from.slice(11, 13)}:00`, amount: micro(spentUsd) })));
  days.show(state.days.map(({ day, spentUsd }) => ({ label: shortDay(day), amount: micro(spentUsd) })));
  showSums(
    at('hours-table'),
    state.hours.map(({ from, ...sum }) => ({ label: `${from.slice(0, 10)} ${from.slice(11, 16)}`, ...sum })),
    'Hour',
  );
  showSums(
    at('days-table'),
    state.days.map(({ day, ...sum }) => ({ label: day, ...sum })),
    'Day',
  );
  showNamed(at('models'), state.models, 'Model');
  at('clients-card').hidden = state.clients.length === 0;
  showNamed(at('clients'), state.clients, 'Client');
  showRefusals(at('refusals'), state.refusals, now());
}

/** @param {State['budget']} budget */
function showBudget({ capUsd, spentUsd, heldUsd, unresolvedUsd, remainingUsd, calls: count }) {
  const flight = usdOfMicro(micro(heldUsd) - micro(unresolvedUsd));
  say('spent', usd(spentUsd));
  say('cap', usd(capUsd));
  say('legend-spent', usd(spentUsd));
  say('legend-flight', flight);
  say('legend-unresolved', usd(unresolvedUsd));
  say('legend-left', usd(remainingUsd));
  say('calls', callsToday(count));
  tick();
  const whole = Math.max(micro(capUsd), micro(spentUsd) + micro(heldUsd));
  const parts = { spent: micro(spentUsd), flight: micro(heldUsd) - micro(unresolvedUsd), unresolved: micro(unresolvedUsd) };
  const meter = at('meter');
  meter.setAttribute(
    'aria-label',
    `${usd(spentUsd)} spent, ${flight} in flight, ${usd(unresolvedUsd)} unresolved, ${usd(remainingUsd)} left of ${usd(capUsd)}`,
  );
  for (const [name, amount] of Object.entries(parts)) {
    const part = /** @type {HTMLElement} */ (meter.querySelector(`.${name}`));
    part.style.width = `${(100 * amount) / whole}%`;
  }
}

/** @param {State['budget']} budget */
function showHealth({ stops, health, remainingUsd }) {
  const isPaused = health.state === 'stopped' || stops.length > 0;
  const isUsedUp = micro(remainingUsd) === 0;
  const [words, kind] = isPaused
    ? ['Paused', 'warn']
    : !health.ok
      ? ['Cannot pay', 'bad']
      : isUsedUp
        ? ['Daily limit reached', 'warn']
        : [health.dryRun ? 'Dry run: nothing is paid' : 'Ready to pay', 'good'];
  say('status', words ?? '');
  at('status').className = `status ${kind}`;
  const banner = at('banner');
  const faults = stops.length > 0 ? stops.map((stop) => `Paused: ${stop}`) : health.reasons;
  banner.hidden = faults.length === 0;
  banner.className = isPaused ? 'banner' : 'banner bad';
  say('banner', faults.join(' · '));
  const pause = at('pause');
  pause.hidden = false;
  // The file of the machine is not the page's to take away.
  act = stops.length > 0 ? 'resume' : 'pause';
  say('pause', act === 'resume' ? 'Resume spending' : 'Pause spending');
}

/** @param {State['wallet']} wallet */
function showWallet({ address, balanceUsd, balanceFault, payees, arePayeesSet }) {
  say('balance', balanceUsd === null ? (balanceFault ?? 'Not known without BLOCKRUN_RPC_URL') : `${usd(balanceUsd)} USDC`);
  at('balance').className = balanceUsd === null ? 'note' : 'amount';
  at('address').replaceChildren(address === null ? 'None in a dry run' : explorerLink('address', address));
  say('payee-label', arePayeesSet ? 'Payees that are set' : 'Pinned payee');
  const links = payees.flatMap((payee, index) => [...(index > 0 ? [', '] : []), explorerLink('address', payee)]);
  at('payee').replaceChildren(...(links.length > 0 ? links : ['None yet: pinned at the first payment']));
}

/** @param {string} day @returns {string} */
function shortDay(day) {
  return new Date(`${day}T00:00:00Z`).toLocaleDateString('en', { day: 'numeric', month: 'short', timeZone: 'UTC' });
}

/** @param {Call[]} told newest first */
function addCalls(told) {
  for (const call of told.toReversed()) {
    calls.delete(call.id);
    calls.set(call.id, call);
  }
  for (const id of calls.keys()) if (calls.size > MAX_CALLS) calls.delete(id);
  showCalls(
    at('calls-table'),
    [...calls.values()].toSorted((one, other) => (one.at < other.at ? 1 : -1)),
    now(),
  );
}

/** The one figure that changes by itself. */
function tick() {
  if (!latest) return;
  const { resetsAt } = latest.budget;
  say('reset', `${timeLeft(new Date(resetsAt).getTime() - now().getTime())} (00:00 UTC)`);
}

/** @param {{ message: string }} fault */
function showFault({ message }) {
  at('main').hidden = false;
  const banner = at('banner');
  banner.hidden = false;
  banner.className = 'banner bad';
  say('banner', `${message} What is shown may be old.`);
  say('status', 'Cannot pay');
  at('status').className = 'status bad';
}

/** @param {boolean} isLive */
function showLive(isLive) {
  say('live', isLive ? 'live' : 'not connected');
  at('live').className = isLive ? 'live on' : 'live';
}

async function follow() {
  at('login').hidden = true;
  calls.clear();
  await listen({ state: showState, calls: addCalls, fault: showFault }, showLive);
  askForToken();
}

function askForToken() {
  showLive(false);
  say('status', 'Locked');
  at('status').className = 'status';
  say('login-fault', hasToken() ? 'This is not the token of the proxy.' : '');
  keepToken(undefined);
  at('main').hidden = true;
  at('pause').hidden = true;
  at('login').hidden = false;
  at('token').focus();
}

function askToConfirm() {
  const isPause = act === 'pause';
  say('confirm-title', isPause ? 'Pause spending' : 'Resume spending');
  say('confirm-text', isPause ? 'Requests are refused until somebody resumes. What is signed already is paid.' : 'This ends:');
  at('confirm-stops').replaceChildren(...(isPause ? [] : (latest?.budget.stops ?? []).map((stop) => element('li', '', stop))));
  say('confirmed', isPause ? 'Pause' : 'Resume');
  say('confirm-fault', '');
  /** @type {HTMLInputElement} */ (at('reason')).value = '';
  /** @type {HTMLDialogElement} */ (at('confirm')).showModal();
}

/** @param {SubmitEvent} event */
async function confirmed(event) {
  event.preventDefault();
  const button = /** @type {HTMLButtonElement} */ (at('confirmed'));
  button.disabled = true;
  try {
    await change(act, /** @type {HTMLInputElement} */ (at('reason')).value);
    /** @type {HTMLDialogElement} */ (at('confirm')).close();
  } catch (error) {
    say('confirm-fault', error instanceof Error ? error.message : String(error));
  } finally {
    button.disabled = false;
  }
}

at('login').addEventListener('submit', (event) => {
  event.preventDefault();
  const field = /** @type {HTMLInputElement} */ (at('token'));
  keepToken(field.value);
  field.value = '';
  void follow();
});
at('pause').addEventListener('click', askToConfirm);
at('cancel').addEventListener('click', () => /** @type {HTMLDialogElement} */ (at('confirm')).close());
at('confirm-form').addEventListener('submit', (event) => void confirmed(/** @type {SubmitEvent} */ (event)));
setInterval(tick, 10_000);
void follow();
