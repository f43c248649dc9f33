/** How figures are shown. Amounts come as decimal strings of USD, exact to six places, and are shown as such; numbers are for drawing only. */

/** `$0.42`, and up to six places where two would hide the truth. @param {string} text @returns {string} */
export function usd(text) {
  const [whole = '0', fraction = ''] = text.split('.');
  const digits = fraction.replace(/0+$/, '').padEnd(2, '0');
  return `$${whole.replace(/\B(?=(\d{3})+(?!\d))/g, ',')}.${digits}`;
}

/** `$0.002000`: in columns, where the points stand below each other. @param {string} text @returns {string} */
export function exactUsd(text) {
  const [whole = '0', fraction = ''] = text.split('.');
  return `${usd(whole).slice(0, -3)}.${fraction.padEnd(6, '0')}`;
}

/** A whole number of micro-USD. @param {string} text @returns {number} */
export function micro(text) {
  return Math.round(Number(text) * 1e6);
}

/** @param {number} amount in micro-USD @returns {string} */
export function usdOfMicro(amount) {
  return usd((amount / 1e6).toFixed(6));
}

/** @param {number | null} ms @returns {string} */
export function duration(ms) {
  if (ms === null) return '';
  return ms < 1000 ? `${ms} ms` : `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`;
}

/** `in 7 h 12 min`. @param {number} ms @returns {string} */
export function timeLeft(ms) {
  const minutes = Math.max(0, Math.ceil(ms / 60_000));
  const hours = Math.floor(minutes / 60);
  return hours > 0 ? `in ${hours} h ${minutes % 60} min` : `in ${minutes} min`;
}

/** The time of day of this browser, with the day where it is another one. @param {string} at @param {Date} now @returns {string} */
export function clockTime(at, now) {
  const date = new Date(at);
  const time = date.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false });
  return date.toDateString() === now.toDateString() ? time : `${date.toLocaleDateString([], { day: 'numeric', month: 'short' })} ${time}`;
}

/** @param {number} count @param {string} word @returns {string} */
export function counted(count, word) {
  return `${count.toLocaleString('en')} ${word}${count === 1 ? '' : 's'}`;
}

/** `0x1234…cdef`. @param {string} text @returns {string} */
export function shortHex(text) {
  return text.length > 14 ? `${text.slice(0, 6)}…${text.slice(-4)}` : text;
}

/** @type {Readonly<Record<string, string>>} */
const STATES = {
  settled: 'Paid',
  free: 'Free',
  unresolved: 'Unresolved',
  released: 'Not paid',
  expired: 'Not paid',
  unbooked: 'Not booked yet',
  refused: 'Refused',
  replayed: 'Given again',
  held: 'Asking',
  signed: 'In flight',
};

/** @param {string} state @returns {string} */
export function stateName(state) {
  return STATES[state] ?? state;
}

/** @type {Readonly<Record<string, string>>} */
const REASONS = {
  daily_limit_reached: 'The daily cap was used up',
  budget_in_flight: 'Calls in flight held what was left',
  minute_limit_reached: 'A limit per minute was reached',
  concurrency_limit_reached: 'Too many calls were in flight',
  price_above_maximum: 'The price was above the most for one request',
  price_implausible: 'The price was far above the list price',
  spending_stopped: 'Spending was paused',
  payee_refused: 'The seller named another payee',
  offer_refused: 'The offer was not USDC on Base, or not right',
  challenge_unreadable: 'The offer could not be read',
  wallet_underfunded: 'The wallet had too little',
  payer_failed: 'The payment could not be signed',
  payment_unresolved: 'Paid, and nobody knows yet whether it was taken',
  upstream_error: 'The seller failed, and nothing was paid',
  seller_rejected: 'The seller refused the request',
  seller_rate_limited: 'The seller wanted fewer requests',
  client_closed_request: 'The client left',
  model_not_found: 'The model is not on the allowlist',
  invalid_request: 'The request was not valid',
  invalid_json: 'The body was not JSON',
  invalid_token: 'The token was missing or wrong',
  foreign_host: 'Called by a foreign name',
  foreign_origin: 'Called by a foreign web page',
  ledger_unavailable: 'The ledger could not be used',
  audit_unavailable: 'The audit could not be used',
  clock_unreliable: 'The clock was not certain',
  shutting_down: 'The proxy was stopping',
};

/** @param {string} code @returns {string} */
export function reasonName(code) {
  return REASONS[code] ?? code.replaceAll('_', ' ');
}
