import { chmodSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { findAgentCash, programIn } from '../../../../src/payment/agentcash/agent-cash-program.js';
import { TemporaryDirectory } from '../../../support/temporary-directory.js';

describe('AgentCash is found', () => {
  let directory: TemporaryDirectory;
  beforeEach(() => {
    directory = new TemporaryDirectory();
  });
  afterEach(() => directory.remove());

  const put = (name: string, mode = 0o755): string => {
    const path = directory.file(name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, '');
    chmodSync(path, mode);
    return realpathSync(path);
  };
  const prefix = () => directory.file('state/agentcash');
  const find = (program?: string) => findAgentCash({ program, prefix: prefix(), environment: { PATH: `bin:${directory.file('bin')}` } });

  it('at the path that was named, before all others', () => {
    const [named, inPrefix] = [put('named/agentcash'), put('state/agentcash/node_modules/agentcash/dist/esm/index.js')];
    put('bin/agentcash');
    expect(find(named)).toEqual({ path: named, command: named, args: [] });
    expect(find()).toEqual({ path: inPrefix, command: process.execPath, args: [inPrefix] });
    expect(programIn(prefix())).toBe(directory.file('state/agentcash/node_modules/agentcash/dist/esm/index.js'));
  });

  it('on the PATH, where it is a link to JavaScript, which our own Node.js runs', () => {
    const script = put('lib/agentcash/index.js');
    mkdirSync(directory.file('bin'));
    symlinkSync(script, directory.file('bin/agentcash'));
    expect(find()).toEqual({ path: script, command: process.execPath, args: [script] });
  });

  it('nowhere else where the named path has nothing: another program would get the wallet', () => {
    put('bin/agentcash');
    expect(() => find(directory.file('named'))).toThrow(/BLOCKRUN_AGENTCASH .*setup agentcash/);
    expect(() => find(directory.path)).toThrow(/BLOCKRUN_AGENTCASH/);
  });

  it('neither as a file that cannot be run, nor in a directory of the PATH that depends on where the proxy was started', () => {
    put('bin/agentcash', 0o644);
    expect(() => find()).toThrow(expect.objectContaining({ code: 'payer_failed', message: expect.stringContaining('setup agentcash') }));
    mkdirSync(directory.file('cwd/bin'), { recursive: true });
    put('cwd/bin/agentcash');
    const before = process.cwd();
    process.chdir(directory.file('cwd'));
    try {
      expect(() => find()).toThrow(/neither in .* nor on the PATH/);
    } finally {
      process.chdir(before);
    }
  });

  it('is not, without a PATH, and says where it was looked for', () => {
    expect(() => findAgentCash({ program: undefined, prefix: join('/', 'nowhere'), environment: {} })).toThrow(/neither in \/nowhere nor/);
  });
});
