import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';

const LINES = readFileSync('SECURITY.md', 'utf8').split('\n');

describe('a promise of SECURITY.md', () => {
  const promises = LINES.filter((line) => line.startsWith('| ') && !line.startsWith('| promise'));

  it.each(
    promises.map(
      (line) =>
        line
          .split('|')
          .slice(1, 3)
          .map((cell) => cell.trim()) as [string, string],
    ),
  )('names the tests that show it: %s', (_promise, shownBy) => {
    const files = [...shownBy.matchAll(/`(test\/[^`]+)`/g)].map(([, file = '']) => file);
    expect(files.length).toBeGreaterThan(0);
    expect(files.filter((file) => !existsSync(file))).toEqual([]);
  });

  it('is one of many', () => expect(promises.length).toBeGreaterThan(15));

  it('about a class of hostile sellers names one that there is', () => {
    const named = promises.flatMap((line) =>
      [...line.matchAll(/hostile-spec\.ts` \(([^)]+)\)/g)].flatMap(([, names = '']) => names.split(', ')),
    );
    expect(named.filter((name) => !existsSync(`test/hostile/scenarios/${name}`))).toEqual([]);
  });
});
