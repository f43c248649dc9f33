// Behaves towards its configuration as OpenClaw 2026.9.6 was seen to: what its command prints, what it adds and drops when it writes, what
// it refuses, and that it puts its own copy back in place of a file that looks damaged. `npm run test:openclaw` holds the real one to the same tests.
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

const words = process.argv.slice(2);
const profile = words[0] === '--profile' ? words.splice(0, 2)[1] : undefined;
const state = process.env.OPENCLAW_STATE_DIR ?? join(homedir(), profile === undefined ? '.openclaw' : `.openclaw-${profile}`);
const file = process.env.OPENCLAW_CONFIG_PATH ?? join(state, 'openclaw.json');
const lastGoodFile = join(state, 'state', 'last-good.json');

if (process.env.FAKE_OPENCLAW_LOG) {
  appendFileSync(
    process.env.FAKE_OPENCLAW_LOG,
    `${JSON.stringify({ words: process.argv.slice(2), variables: Object.keys(process.env) })}\n`,
  );
}
if (process.env.FAKE_OPENCLAW_BROKEN) fail('openclaw: Node.js >= 24 is required');

const is = (...start) => start.every((word, index) => words[index] === word);
if (is('--version')) print('OpenClaw 2026.9.6 (eb377ac)');
else if (is('config', 'patch')) patch();
else if (is('config', 'validate')) validate();
else if (is('models', 'list')) observe();
else if (is('infer', 'model', 'run')) await infer();
else fail(`OpenClaw does not know the command "${words[0]}".\nTry: openclaw --help`);

function patch() {
  const isDry = words.includes('--dry-run');
  const text = existsSync(file) ? readFileSync(file, 'utf8') : undefined;
  const before = parsed(text);
  const replaced = words.flatMap((word, index) => (words[index - 1] === '--replace-path' ? [word] : []));
  const after = merged(before, JSON.parse(readFileSync(0, 'utf8')), '', replaced);
  const problems = problemsOf(after);
  if (isDry) {
    printJson({ ok: problems.length === 0, configPath: file, ...(problems.length > 0 && { errors: problems }) });
    process.exit(problems.length === 0 ? 0 : 1);
  }
  if (problems.length > 0) fail(problems[0].message);
  const stamped = { ...after, meta: { ...after.meta, lastTouchedVersion: '2026.9.6' } };
  const next = `${JSON.stringify(stamped, null, 2)}\n`;
  const size = Buffer.byteLength(JSON.stringify(before, null, 2));
  if (size >= 512 && 2 * next.length < size) fail(`Config write rejected: ${file} (size-drop:${size}->${next.length}).`);
  if (text !== undefined) writeFileSync(`${file}.bak`, text);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, next, { mode: 0o600 });
  print('Applied 2 config update(s). Change will apply without restarting the gateway.');
}

function validate() {
  const problems = existsSync(file) ? problemsOf(parsed(readFileSync(file, 'utf8'))) : [];
  if (problems.length === 0) return printJson({ valid: true, path: file, warnings: [] });
  printJson({ ok: false, valid: false, error: { message: `OpenClaw config is invalid: ${file}` }, issues: problems });
  process.exit(1);
}

/** Reads the configuration as any turn does: one that looks damaged beside the last good one is replaced by the copy. */
function observe() {
  if (existsSync(file)) {
    const text = readFileSync(file, 'utf8');
    const lastGood = existsSync(lastGoodFile) ? JSON.parse(readFileSync(lastGoodFile, 'utf8')) : undefined;
    const looksDamaged =
      lastGood && ((lastGood.bytes >= 512 && 2 * Buffer.byteLength(text) < lastGood.bytes) || (lastGood.hasMeta && !parsed(text).meta));
    const copy = existsSync(`${file}.bak`) ? readFileSync(`${file}.bak`, 'utf8') : undefined;
    if (looksDamaged && parsed(copy).gateway?.mode) writeFileSync(file, copy);
    else {
      mkdirSync(dirname(lastGoodFile), { recursive: true });
      writeFileSync(lastGoodFile, JSON.stringify({ bytes: Buffer.byteLength(text), hasMeta: 'meta' in parsed(text) }));
    }
  }
  printJson({ models: [] });
}

/** One request to the provider of the configuration, as `infer model run --local` makes it. */
async function infer() {
  const [, model] = /^blockrun-x402\/(.+)$/.exec(words[words.indexOf('--model') + 1]);
  const { baseUrl, apiKey } = parsed(readFileSync(file, 'utf8')).models.providers['blockrun-x402'];
  const content = words[words.indexOf('--prompt') + 1];
  const headers = { 'content-type': 'application/json', ...(apiKey && { authorization: `Bearer ${apiKey}` }) };
  const body = JSON.stringify({ model, messages: [{ role: 'user', content }], max_completion_tokens: 8192 });
  const answer = await fetch(`${baseUrl}/chat/completions`, { method: 'POST', headers, body });
  const json = await answer.json();
  if (!answer.ok) fail(`Error: ${json.error.message}`);
  printJson({ ok: true, capability: 'model.run', outputs: [{ text: json.choices[0].message.content, mediaUrl: null }] });
}

function problemsOf({ models }) {
  const providers = Object.entries(models?.providers ?? {});
  return providers.flatMap(([name, entry]) => {
    const path = `models.providers.${name}`;
    const unknown = Object.keys(entry).filter((key) => !['baseUrl', 'apiKey', 'api', 'timeoutSeconds', 'request', 'models'].includes(key));
    const missing = ['baseUrl', 'models'].filter((key) => !(key in entry));
    return [
      ...unknown.map((key) => ({ kind: 'schema', message: `- ${path}: Unrecognized key: "${key}"` })),
      ...missing.map((key) => ({ kind: 'schema', message: `- ${path}.${key}: custom model providers must declare ${key}` })),
    ];
  });
}

function merged(base, change, path, replaced) {
  const result = { ...base };
  for (const [key, value] of Object.entries(change)) {
    const here = path === '' ? key : /^\w+$/.test(key) ? `${path}.${key}` : `${path}["${key}"]`;
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    if (value === null) delete result[key];
    else result[key] = isObject && !replaced.includes(here) ? merged(result[key] ?? {}, value, here, replaced) : value;
  }
  return result;
}

function parsed(text) {
  return text === undefined ? {} : (0, eval)(`(${text}\n)`); /* JSON5 is a part of JavaScript */
}

function print(line) {
  process.stdout.write(`${line}\n`);
}

function printJson(value) {
  print(JSON.stringify(value, null, 2));
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
