import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { faultOfInstallation } from '../../src/service/service-plan.js';
import { SERVICE_UNIT, SOCKET_UNIT, socketUnit, systemUnit, userUnit } from '../../src/service/unit-text.js';
import { describeWith } from '../support/available.js';

/** Where a global installation of the package has its program. */
const INSTALLED = { node: '/usr/bin/node', program: '/usr/lib/node_modules/blockrun-openclaw-proxy/dist/main.js' };
const HERE = { node: process.execPath, program: fileURLToPath(new URL('../../dist/main.js', import.meta.url)) };
const example = (name: string) => readFileSync(new URL(`../../examples/${name}`, import.meta.url), 'utf8');

describe('the units of the service', () => {
  it('are the examples', () => {
    expect(example('blockrun-openclaw-proxy.service')).toBe(userUnit(INSTALLED));
    expect(example('blockrun-openclaw-proxy.system.service')).toBe(systemUnit(INSTALLED));
    expect(example('blockrun-openclaw-proxy.socket')).toBe(socketUnit('127.0.0.1:8787'));
  });

  it('name a program whose path has blanks, quotes and signs that systemd would read as its own', () => {
    const unit = userUnit({ node: '/opt/my node/bin/node', program: '/opt/50%/$x/"y"/main.js' });
    expect(unit).toContain(
      'ExecStart="/opt/my node/bin/node" --max-old-space-size=512 --max-semi-space-size=8 --v8-pool-size=1 "/opt/50%%/$$x/\\"y\\"/main.js"',
    );
  });

  it('are not made for a program that may vanish, or that a hardened service could not read', () => {
    expect(faultOfInstallation({ scope: 'user', node: '/usr/bin/node', program: '/home/you/.npm/_npx/1a2b/dist/main.js' })).toContain(
      'npx',
    );
    expect(faultOfInstallation({ scope: 'system', node: '/home/you/.nvm/node', program: '/opt/x/main.js' })).toContain(
      '/home/you/.nvm/node',
    );
    expect(faultOfInstallation({ scope: 'user', node: '/home/you/.nvm/node', program: '/home/you/x/main.js' })).toBeUndefined();
    expect(faultOfInstallation({ scope: 'system', ...INSTALLED })).toBeUndefined();
  });
});

describeWith(['systemd-analyze'], 'the units in the eyes of systemd', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'proxy-units-'));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  const analyze = (...words: string[]) =>
    spawnSync('systemd-analyze', words, { encoding: 'utf8', env: { ...process.env, XDG_RUNTIME_DIR: directory } });
  const write = (name: string, text: string) => {
    writeFileSync(join(directory, name), text);
    return join(directory, name);
  };

  it('are valid: the service of a user, the one of the machine, and the socket', () => {
    const user = analyze('verify', '--user', '--recursive-errors=no', write(SERVICE_UNIT, userUnit(HERE)));
    expect(user.stderr.split('\n').filter((line) => line.includes('blockrun'))).toEqual([]);
    const system = analyze(
      'verify',
      '--recursive-errors=no',
      write(SERVICE_UNIT, systemUnit(HERE)),
      write(SOCKET_UNIT, socketUnit('127.0.0.1:8787')),
    );
    expect(system).toMatchObject({ status: 0, stderr: '' });
  });

  it('the service of the machine is exposed by at most 1.5 of 10', () => {
    const { status, stdout } = analyze('security', '--offline=true', '--threshold=15', write(SERVICE_UNIT, systemUnit(HERE)));
    expect(Number(/exposure level for .*: ([\d.]+)/.exec(stdout)?.[1])).toBeLessThanOrEqual(1.5);
    expect(status).toBe(0);
  });

  it('V8 may make code at run time', () => {
    expect(systemUnit(HERE)).not.toMatch(/^MemoryDenyWriteExecute=yes/m);
  });
});
