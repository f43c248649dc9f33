import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

/** A systemctl that writes down how it was called, and fails when it is told to. */
const SYSTEMCTL = `#!/bin/sh
echo "$*" >> "$HOME/calls"
case "$*" in
  *show*) cat "$HOME/properties" 2>/dev/null ;;
  *enable*) test ! -e "$HOME/fail" || { echo "Job failed. See journalctl -xe" >&2; exit 1; } ;;
esac
`;

describe('the command service', () => {
  let home: string;
  const at = (...parts: string[]) => join(home, ...parts);
  const units = () => at('.config', 'systemd', 'user');
  const settings = () => at('.config', 'blockrun-openclaw-proxy', 'environment');
  const calls = () => (existsSync(at('calls')) ? readFileSync(at('calls'), 'utf8').trim().split('\n') : []);
  const service = (...words: string[]) => {
    const env = { PATH: `${at('bin')}:${process.env.PATH}`, HOME: home };
    return spawnSync(process.execPath, [MAIN, 'service', ...words], { encoding: 'utf8', cwd: home, env });
  };

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'proxy-service-'));
    mkdirSync(at('bin'));
    writeFileSync(at('bin', 'systemctl'), SYSTEMCTL);
    chmodSync(at('bin', 'systemctl'), 0o755);
    writeFileSync(
      at('properties'),
      'LoadState=loaded\nActiveState=active\nSubState=running\nStatusText=$0.02 of $1.00 spent\nMainPID=77\n',
    );
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  it('installs: units that all may read, settings that only the user may, and starts it', () => {
    const { status, stdout } = service('install', '--socket', '127.0.0.1:8787');
    expect({ status, stdout }).toMatchObject({ status: 0, stdout: expect.stringContaining('The service runs.') as unknown });
    expect(readFileSync(join(units(), 'blockrun-openclaw-proxy.service'), 'utf8')).toContain(
      `${process.execPath} --max-old-space-size=512 --max-semi-space-size=8 --v8-pool-size=1 ${MAIN}`,
    );
    expect(readFileSync(join(units(), 'blockrun-openclaw-proxy.socket'), 'utf8')).toContain('ListenStream=127.0.0.1:8787');
    expect(statSync(settings()).mode & 0o777).toBe(0o600);
    expect(statSync(at('.config', 'blockrun-openclaw-proxy')).mode & 0o777).toBe(0o700);
    expect(calls().slice(1)).toEqual([
      '--user daemon-reload',
      '--user enable --now blockrun-openclaw-proxy.socket blockrun-openclaw-proxy.service',
    ]);
  });

  it('a second installation keeps the settings that the user has changed', () => {
    service('install');
    writeFileSync(settings(), 'BLOCKRUN_DAILY_BUDGET_USD=0.25\n');
    expect(service('install').stdout).toContain(`kept ${settings()}`);
    expect(readFileSync(settings(), 'utf8')).toBe('BLOCKRUN_DAILY_BUDGET_USD=0.25\n');
  });

  it('a dry run shows the same and writes nothing', () => {
    const { stdout } = service('install', '--dry-run');
    expect(stdout).toContain('ExecStart=');
    expect(stdout).toContain('# would run: systemctl --user enable --now blockrun-openclaw-proxy.service');
    expect(existsSync(at('.config'))).toBe(false);
    expect(calls()).toEqual([]);
  });

  it('a unit that somebody else wrote is neither overwritten nor removed', () => {
    mkdirSync(units(), { recursive: true });
    const path = join(units(), 'blockrun-openclaw-proxy.service');
    writeFileSync(path, '[Service]\nExecStart=/bin/true\n');
    expect(service('install')).toMatchObject({ status: 1, stderr: expect.stringContaining('was not written by this program') as unknown });
    expect(service('uninstall').stdout).toContain('There is no service');
    expect(readFileSync(path, 'utf8')).toBe('[Service]\nExecStart=/bin/true\n');
    expect(calls()).toEqual([]);
  });

  it('without systemd nothing is written, and it says so', () => {
    writeFileSync(at('properties'), '');
    expect(service('install')).toMatchObject({ status: 1, stderr: expect.stringContaining('Nothing was written') as unknown });
    expect(existsSync(at('.config'))).toBe(false);
  });

  it("a start that fails is told in systemd's own words", () => {
    writeFileSync(at('fail'), '');
    const { status, stderr } = service('install');
    expect({ status, stderr }).toMatchObject({ status: 1, stderr: expect.stringContaining('Job failed. See journalctl') as unknown });
  });

  it('an uninstallation removes the units and leaves the settings', () => {
    service('install', '--socket', '[::1]:8787');
    const { status } = service('uninstall');
    expect(status).toBe(0);
    expect(existsSync(join(units(), 'blockrun-openclaw-proxy.service'))).toBe(false);
    expect(existsSync(join(units(), 'blockrun-openclaw-proxy.socket'))).toBe(false);
    expect(existsSync(settings())).toBe(true);
    expect(calls().slice(-2)).toEqual([
      '--user disable --now blockrun-openclaw-proxy.socket blockrun-openclaw-proxy.service',
      '--user daemon-reload',
    ]);
  });

  it('status tells what systemd knows, and by its exit code whether the service runs', () => {
    expect(service('status')).toMatchObject({ status: 0, stdout: expect.stringContaining('$0.02 of $1.00 spent') as unknown });
    writeFileSync(at('properties'), 'LoadState=loaded\nActiveState=failed\nSubState=failed\n');
    expect(service('status')).toMatchObject({ status: 1, stdout: expect.stringContaining('failed (failed)') as unknown });
    writeFileSync(at('properties'), 'LoadState=not-found\nActiveState=inactive\n');
    expect(service('status')).toMatchObject({ status: 1, stdout: expect.stringContaining('not installed') as unknown });
  });

  it('an address that is none, and a service of two kinds at once, are wrong usage', () => {
    expect(service('install', '--socket', '8787').status).toBe(2);
    expect(service('install', '--socket', '127.0.0.1:99999').status).toBe(2);
    expect(service('install', '--user', '--system').status).toBe(2);
  });
});
