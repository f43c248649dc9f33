import { chmodSync, chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { privacyFaults } from '../../../src/files/private-state.js';
import { TemporaryDirectory } from '../../support/temporary-directory.js';

/** As the start shows them. */
const privacyProblems = (files: string[]) => privacyFaults(files).map(({ says, next }) => `${says}: ${next}`);

describe('the place of the books', () => {
  let directory: TemporaryDirectory;
  let file: string;

  beforeEach(() => {
    directory = new TemporaryDirectory();
    file = directory.file('audit.jsonl');
    writeFileSync(file, '');
    chmodSync(file, 0o600);
  });
  afterEach(() => directory.remove());

  it('that is closed to others is fine, and so is one that is not there yet', () => {
    expect(privacyProblems([file, directory.file('ledger.json'), `${directory.path}/new/ledger.sqlite`])).toEqual([]);
  });

  it.each([0o755, 0o750, 0o711, 0o701])('is refused as a directory of mode %d, with what to type', (mode) => {
    chmodSync(directory.path, mode);
    expect(privacyProblems([file])).toEqual([expect.stringContaining(`(mode ${mode.toString(8)}): chmod 700 ${directory.path}`)]);
  });

  it('is refused as a directory that everybody writes to, which is not to be closed', () => {
    chmodSync(directory.path, 0o1777);
    expect(privacyProblems([file])).toEqual([
      `${directory.path} is open to others on this machine (mode 777): name a directory of the proxy's own`,
    ]);
  });

  it.each([0o644, 0o640, 0o604, 0o666])('is refused as a file of mode %d, with what to type', (mode) => {
    chmodSync(file, mode);
    expect(privacyProblems([file])).toEqual([expect.stringContaining(`(mode ${mode.toString(8)}): chmod 600 ${file}`)]);
  });

  it('is told in all that is wrong with it, each place once', () => {
    chmodSync(directory.path, 0o755);
    chmodSync(file, 0o644);
    mkdirSync(directory.file('other'), { mode: 0o755 });
    expect(privacyProblems([file, directory.file('b'), directory.file('other/c')])).toHaveLength(3);
  });

  const isRoot = process.getuid?.() === 0;
  (isRoot ? it : it.skip)(`that belongs to another user is refused${isRoot ? '' : ' (SKIPPED: only root can give a file away)'}`, () => {
    chownSync(file, 65_534, 65_534);
    expect(privacyProblems([file])).toEqual([expect.stringContaining('belongs to another user (65534)')]);
  });
});
