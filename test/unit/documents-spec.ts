import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { VARIABLES } from '../../src/configuration/environment.js';
import { errorTable } from '../../src/http/error-table.js';

/** Of systemd, and for tests. */
const NOT_SETTINGS = ['NOTIFY_SOCKET', 'WATCHDOG_USEC', 'WATCHDOG_PID', 'LISTEN_PID', 'LISTEN_FDS', 'BLOCKRUN_TEST_CRASH_AT'];
/** Accepted, as the original has them, and not needed: nothing to suggest to anybody. */
const NOT_SUGGESTED = ['BLOCKRUN_UNKNOWN_COST_USD', 'BLOCKRUN_PAYMENT_NETWORK', 'BLOCKRUN_PAYER', 'BLOCKRUN_AGENTCASH'];

const documents = ['.', 'docs', 'docs/decisions', 'test/hostile'].flatMap((directory) =>
  readdirSync(directory)
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(directory, name)),
);
const settings = [...VARIABLES].filter((name) => !NOT_SETTINGS.includes(name)).toSorted();

describe('the documents', () => {
  it.each(documents)('%s links only to what is there', (path) => {
    const links = [...readFileSync(path, 'utf8').matchAll(/\]\((?!https?:)([^)#\s]+)/g)].map(([, target = '']) => target);
    expect(links.filter((target) => !existsSync(join(dirname(path), target)))).toEqual([]);
  });

  it('the README has every setting in its table, and no other', () => {
    const rows = readFileSync('README.md', 'utf8')
      .split('\n')
      .filter((line) => /^\| `[A-Z][A-Z0-9_]+`/.test(line));
    const named = rows.flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`([A-Z0-9_]+)`/g)].map(([, name = '']) => name));
    expect(named.toSorted()).toEqual(settings);
  });

  it('config/environment.example has them, too', () => {
    const named = [...readFileSync('config/environment.example', 'utf8').matchAll(/^#?([A-Z][A-Z0-9_]+)=/gm)].map(([, name = '']) => name);
    expect(settings.filter((name) => !named.includes(name) && !NOT_SUGGESTED.includes(name))).toEqual([]);
    expect(named.filter((name) => !settings.includes(name))).toEqual([]);
  });

  it('docs/operations.md tells of every error what it is over HTTP and what to do', () => {
    const rows = [...readFileSync('docs/operations.md', 'utf8').matchAll(/^\| `([a-z_0-9]+)` \| (\d{3})(, not to be repeated)? \| \S/gm)];
    const told = Object.fromEntries(
      rows.map(([, code = '', status, final]) => [code, { status: Number(status), final: final !== undefined }]),
    );
    const meant = Object.entries(errorTable).map(([code, { status, shouldRetry }]) => [code, { status, final: shouldRetry === false }]);
    expect(told).toEqual(Object.fromEntries(meant));
  });
});
