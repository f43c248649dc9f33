import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Configuration } from '../../../src/configuration/configuration.js';
import { readClientsFile } from '../../../src/configuration/clients-file.js';
import { TemporaryDirectory } from '../../support/temporary-directory.js';

const DIGEST = 'ab'.repeat(32);

describe('the file of the clients', () => {
  let directory: TemporaryDirectory;
  let path: string;
  beforeEach(() => {
    directory = new TemporaryDirectory();
    path = directory.file('clients.json');
  });
  afterEach(() => directory.remove());

  const read = (content: unknown, mode = 0o600) => {
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
    chmodSync(path, mode);
    return readClientsFile(path);
  };
  const problemsOf = (...clients: unknown[]) => read({ clients }).problems.map((problem) => problem.replace(`${path}: `, ''));

  it('that is not named has no clients', () => {
    expect(readClientsFile(undefined)).toEqual({ clients: [], problems: [] });
    expect(new Configuration({}).clients).toEqual([]);
  });

  it('is read in the units of the code, in its order', () => {
    const { clients } = read({
      clients: [
        { name: 'research', tokenSha256: DIGEST.toUpperCase(), dailyBudgetUsd: '0.50', maxUsdPerMinute: 0.1, maxRequestsPerMinute: 20 },
        { name: 'chat', session: ['one', 'agent:*'], dailyBudgetUsd: 0 },
        { name: 'others', session: '*', default: true },
      ],
    });
    expect(clients).toEqual([
      {
        ...{ name: 'research', tokenDigest: Buffer.from(DIGEST, 'hex'), sessions: [], isDefault: false },
        ...{ dailyCapMicroUsd: 500_000n, maxPerMinuteMicroUsd: 100_000n, maxRequestsPerMinute: 20n },
      },
      { name: 'chat', sessions: ['one', 'agent:*'], isDefault: false, dailyCapMicroUsd: 0n },
      { name: 'others', sessions: ['*'], isDefault: true },
    ]);
  });

  it.each<[string, object, string]>([
    ['no name', { name: undefined }, '.name must be 1 to 63 letters'],
    ['a name that would break a line', { name: 'a\nb' }, '.name must be 1 to 63 letters'],
    ['a token itself', { tokenSha256: 'my-secret-token' }, '.tokenSha256 must be the SHA-256'],
    ['an amount that is too fine', { dailyBudgetUsd: '0.0000001' }, '.dailyBudgetUsd must be an amount'],
    ['a negative amount', { dailyBudgetUsd: -1 }, '.dailyBudgetUsd must be an amount'],
    ['an amount that no decimal says', { maxUsdPerMinute: 1e-7 }, '.maxUsdPerMinute must be an amount'],
    ['a limit that is no amount', { maxUsdPerMinute: true }, '.maxUsdPerMinute must be an amount'],
    ['no requests', { maxRequestsPerMinute: 0 }, '.maxRequestsPerMinute must be a whole number'],
    ['half a request', { maxRequestsPerMinute: 1.5 }, '.maxRequestsPerMinute must be a whole number'],
    ['a count in quotes', { maxRequestsPerMinute: '5' }, '.maxRequestsPerMinute must be a whole number'],
    ['a star in the middle', { session: 'a*b' }, ".session must be a session header's value"],
    ['an empty session', { session: ['x', ''] }, ".session must be a session header's value"],
    ['a session that is no text', { session: 5 }, ".session must be a session header's value"],
    ['a default that is not true', { default: 'yes' }, '.default must be true'],
    ['a limit that is misspelt', { maxRequestPerMinute: 5 }, '.maxRequestPerMinute is not known here'],
  ])('with %s is refused, and says where', (_name, fields, says) => {
    const problems = problemsOf({ name: 'fine', session: 'fine' }, { name: 'bad', session: 'x', ...fields });
    expect(problems).toEqual([expect.stringContaining(`clients[1]${says}`)]);
  });

  it('that never recognises a client is refused', () => {
    expect(problemsOf({ name: 'nobody', dailyBudgetUsd: 1 })).toEqual([expect.stringContaining('clients[0] is never recognised')]);
  });

  it.each<[string, object, object]>([
    ['name', { name: 'a', session: 'x' }, { name: 'a', session: 'y' }],
    ['tokenSha256', { name: 'a', tokenSha256: DIGEST }, { name: 'b', tokenSha256: DIGEST.toUpperCase() }],
    ['session', { name: 'a', session: ['x', 'y'] }, { name: 'b', session: 'y' }],
    ['default', { name: 'a', default: true }, { name: 'b', default: true }],
  ])('in which two clients have the same %s is refused', (field, one, other) => {
    expect(problemsOf(one, { name: 'between', session: 'z' }, other)).toEqual([`clients[2].${field} is the same as in clients[0]`]);
  });

  it.each<[string, unknown]>([
    ['no JSON', '{"clients": ['],
    ['a list', []],
    ['no list of clients', { clients: {} }],
    ['something else beside', { clients: [], client: [] }],
    ['nothing', 'null'],
    ['text', '"clients"'],
  ])('that is %s is refused', (_name, content) => {
    expect(read(content)).toEqual({ clients: [], problems: [expect.stringMatching(/it (is not valid JSON|must be \{"clients")/)] });
  });

  it.each([null, [], 'text', 5])('with the entry %j is refused', (entry) => {
    expect(problemsOf(entry)).toEqual(['clients[0] must be an object']);
  });

  it.each([0o640, 0o604, 0o660])('that others can read (%o) is refused', (mode) => {
    expect(read({ clients: [] }, mode).problems).toEqual([expect.stringMatching(/others on this machine can read it .* chmod 600/)]);
  });

  it('that is not there, or no file, is refused', () => {
    expect(readClientsFile(path).problems).toEqual([expect.stringContaining('ENOENT')]);
    mkdirSync(path);
    expect(readClientsFile(path).problems).toEqual([expect.stringContaining('it is not a file')]);
  });

  it('tells its problems with all the others of the environment, and no token', () => {
    read({ clients: [{ name: 'a', tokenSha256: 'hunter2-hunter2-hunter2' }] });
    expect(() => new Configuration({ BLOCKRUN_CLIENTS_FILE: path, PORT: 'http' })).toThrow(
      /PORT must be[^]*BLOCKRUN_CLIENTS_FILE .*clients\.json: clients\[0\]\.tokenSha256 must be/,
    );
    expect(() => new Configuration({ BLOCKRUN_CLIENTS_FILE: path })).not.toThrow(/hunter2/);
  });
});
