import { writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openClawCheck } from '../../../src/doctor/openclaw.check.js';
import { TemporaryDirectory } from '../../support/temporary-directory.js';

describe("the check of OpenClaw's configuration", () => {
  let directory: TemporaryDirectory;
  beforeEach(() => {
    directory = new TemporaryDirectory();
  });
  afterEach(() => directory.remove());

  const check = (port = 8787) =>
    openClawCheck(directory.file('openclaw.json'), { host: '127.0.0.1', port }).run(new AbortController().signal);
  const provider = (baseUrl: string) => `// mine\n{ models: { providers: { 'blockrun-x402': { baseUrl: '${baseUrl}', models: [] } } } }`;

  it('finds nothing to say where there is none', async () => {
    expect(await check()).toMatchObject({ status: 'ok' });
  });

  it.each([
    ['{}', 'warn', 'does not name this proxy'],
    ['{ broken', 'fail', 'cannot be read'],
    [provider('http://127.0.0.1:8787/v1'), 'ok', 'it calls this proxy'],
    [provider('http://localhost:8787/v1/'), 'ok', 'it calls this proxy'],
    [provider('http://127.0.0.1:9999/v1'), 'fail', 'it calls http://127.0.0.1:9999/v1, and this proxy listens at http://127.0.0.1:8787/v1'],
    [provider('http://127.0.0.1:8787'), 'fail', 'it calls http://127.0.0.1:8787, and'],
    [provider('no address'), 'fail', 'it calls nowhere'],
  ])('where it is %j says %s', async (text, status, says) => {
    writeFileSync(directory.file('openclaw.json'), text, { mode: 0o600 });
    expect(await check()).toMatchObject({ status, says: expect.stringContaining(says) as unknown });
  });

  it('shows no password of the address that stands there', async () => {
    writeFileSync(directory.file('openclaw.json'), provider('http://me:secret@127.0.0.1:1/v1?key=secret'), { mode: 0o600 });
    expect((await check()).says).not.toContain('secret');
  });
});
