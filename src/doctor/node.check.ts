import { type Check, fail, ok } from './finding.js';

/** The oldest Node on which this program is tested; package.json says the same. */
const OLDEST = [20, 19] as const;

export function nodeCheck(version = process.versions.node): Check {
  return {
    name: 'Node',
    run: () => {
      const [major = 0, minor = 0] = version.split('.').map(Number);
      const isNewEnough = major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
      return isNewEnough ? ok(version) : fail(`${version} is too old`, `install Node ${OLDEST.join('.')} or newer, best an LTS version`);
    },
  };
}
