import { clockTime, counted, duration, exactUsd, micro, reasonName, shortHex, stateName } from './format.js';

/**
 * Where an address or a transaction can be looked at. It is opened only by whoever follows the link.
 * @param {'address' | 'tx'} what @param {string} text @returns {[host: string, path: string]}
 */
function explorerOf(what, text) {
  if (text.startsWith('0x')) return ['basescan.org', what];
  return ['solscan.io', what === 'address' ? 'account' : what];
}

/**
 * An element with its classes and children; texts are texts, whatever they contain.
 * @param {string} name @param {string} classes @param {(Node | string)[]} children @returns {HTMLElement}
 */
export function element(name, classes = '', ...children) {
  const made = document.createElement(name);
  if (classes) made.className = classes;
  made.append(...children);
  return made;
}

/** @param {'address' | 'tx'} what @param {string} text @returns {HTMLElement} */
export function explorerLink(what, text) {
  const [host, path] = explorerOf(what, text);
  const link = element('a', '', shortHex(text));
  link.setAttribute('href', `https://${host}/${path}/${encodeURIComponent(text)}`);
  link.setAttribute('target', '_blank');
  link.setAttribute('rel', 'noopener noreferrer');
  link.setAttribute('title', `${text}, on ${host}`);
  return link;
}

/**
 * @param {string} caption for readers of the screen @param {[name: string, classes: string][]} columns
 * @param {(string | Node)[][]} rows @returns {HTMLElement}
 */
function table(caption, columns, rows) {
  const heads = columns.map(([name, classes]) => {
    const head = element('th', classes, name);
    head.setAttribute('scope', 'col');
    return head;
  });
  const body = rows.map((cells) => element('tr', '', ...cells.map((cell, at) => cellOf(cell, columns[at]?.[1] ?? ''))));
  const made = element('table', '', element('thead', '', element('tr', '', ...heads)), element('tbody', '', ...body));
  made.setAttribute('aria-label', caption);
  return made;
}

/** @param {string | Node} cell @param {string} classes @returns {Node} */
function cellOf(cell, classes) {
  return cell instanceof HTMLTableCellElement ? cell : element('td', classes, cell);
}

/** @param {HTMLElement} place @param {HTMLElement} content */
function put(place, content) {
  place.replaceChildren(content);
}

/** @param {string} text @returns {HTMLElement} */
function empty(text) {
  return element('p', 'empty', text);
}

/** @param {HTMLElement} place @param {{ label: string, spentUsd: string, calls: number }[]} sums @param {string} unit */
export function showSums(place, sums, unit) {
  const rows = sums.toReversed().map(({ label, spentUsd, calls }) => [label, exactUsd(spentUsd), String(calls)]);
  put(
    place,
    table(
      `Spent per ${unit}`,
      [
        [unit, ''],
        ['Spent', 'number'],
        ['Calls', 'number'],
      ],
      rows,
    ),
  );
}

/** @param {HTMLElement} place @param {import('./live.js').NamedSum[]} sums @param {string} what */
export function showNamed(place, sums, what) {
  if (sums.length === 0) return put(place, empty('Nothing was bought in the last 30 days.'));
  const most = Math.max(1, ...sums.map(({ days }) => micro(days.spentUsd)));
  const rows = sums.map(({ name, today, days }) => {
    const share = element('span', 'share');
    share.style.width = `${(100 * micro(days.spentUsd)) / most}%`;
    return [element('div', 'name', name, share), exactUsd(today.spentUsd), exactUsd(days.spentUsd), days.calls.toLocaleString('en')];
  });
  const columns = /** @type {[string, string][]} */ ([
    [what, ''],
    ['Today', 'number'],
    ['30 days', 'number'],
    ['Calls', 'number'],
  ]);
  put(place, table(`Spent by ${what.toLowerCase()}`, columns, rows));
}

/** @param {HTMLElement} place @param {import('./live.js').Refusal[]} refusals @param {Date} now */
export function showRefusals(place, refusals, now) {
  if (refusals.length === 0) return put(place, empty('None since the proxy was started.'));
  const rows = refusals.map(({ code, count, lastAt }) => {
    const cell = element('div', 'name', reasonName(code), element('span', 'why', `last at ${clockTime(lastAt, now)}`));
    cell.setAttribute('title', code);
    return [cell, String(count)];
  });
  put(
    place,
    table(
      'Refusals since the proxy was started',
      [
        ['Reason', ''],
        ['Times', 'number'],
      ],
      rows,
    ),
  );
}

/** @param {HTMLElement} place @param {import('./live.js').Call[]} calls @param {Date} now */
export function showCalls(place, calls, now) {
  if (calls.length === 0) return put(place, empty('No call yet. The first one shows up here by itself.'));
  const columns = /** @type {[string, string][]} */ ([
    ['Time', 'time'],
    ['Model', 'model name'],
    ['State', 'state'],
    ['First token', 'first number'],
    ['Total', 'total number'],
    ['Transaction', 'transaction number'],
    ['Price', 'price number'],
  ]);
  put(
    place,
    table(
      'The last calls, newest first',
      columns,
      calls.map((call) => callRow(call, now)),
    ),
  );
}

/** @param {import('./live.js').Call} call @param {Date} now @returns {(string | Node)[]} */
function callRow({ id, at, state, model, priceUsd, transaction, code, reason, totalMs, firstTokenMs, client }, now) {
  const why = code === null ? reason : reasonName(code);
  const what = element('td', 'model name', model ?? 'No model');
  what.setAttribute('title', id);
  if (client !== null) what.append(element('span', 'client', client));
  if (why !== null && state !== 'settled') what.append(element('span', 'why', why));
  return [
    clockTime(at, now),
    what,
    element('td', `state ${state}`, element('i'), stateName(state)),
    duration(firstTokenMs),
    duration(totalMs),
    transaction === null ? '' : explorerLink('tx', transaction),
    priceUsd === null ? '–' : exactUsd(priceUsd),
  ];
}

/** @param {number} calls @returns {string} */
export function callsToday(calls) {
  return counted(calls, 'call');
}
