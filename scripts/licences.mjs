// Writes docs/licences.md: what users get with this package, and under which licence. With --check it fails when that file is not of today's
// lock file, or when there is a licence that nobody has looked at.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const FILE = 'docs/licences.md';
const ACCEPTED = ['MIT', 'ISC', '0BSD', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', 'BlueOak-1.0.0', 'MIT OR Apache-2.0'];

const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8'));
const byLicence = new Map();
for (const [place, facts] of Object.entries(packages)) {
  // The sandbox is a part of this repository, and with all that it needs no part of the package.
  if (place === '' || facts.dev || facts.devOptional || facts.link || place === 'sandbox' || place.includes('/@foundry-rs/')) continue;
  const licence = facts.license ?? licenceOf(place);
  const name = `${place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length)} ${facts.version}`;
  byLicence.set(licence, [...new Set([...(byLicence.get(licence) ?? []), name])].sort());
}

/** Old packages name it in another way, which the lock file does not take over. */
function licenceOf(place) {
  const file = `${place}/package.json`;
  const { license, licenses } = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  return license?.type ?? license ?? licenses?.[0]?.type ?? 'unknown';
}

const sections = [...byLicence].sort().map(([licence, names]) => `## ${licence} (${names.length})\n\n${names.join(' · ')}\n`);
const text = `# Licences of what is installed with the proxy\n\nWritten by \`npm run licences\` from package-lock.json; without what only its developers need.\n\n${sections.join('\n')}`;

const strange = [...byLicence.keys()].filter((licence) => !ACCEPTED.includes(licence));
if (strange.length > 0) {
  console.error(
    `Licences that are not accepted: ${strange.map((licence) => `${licence} (${byLicence.get(licence).join(', ')})`).join('; ')}`,
  );
  process.exit(1);
}
if (!process.argv.includes('--check')) writeFileSync(FILE, text);
else if (!existsSync(FILE) || readFileSync(FILE, 'utf8') !== text) {
  console.error(`${FILE} is not of this package-lock.json: run "npm run licences" and look at what is new`);
  process.exit(1);
}
