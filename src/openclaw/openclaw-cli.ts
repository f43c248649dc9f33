import { execFile } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { OpenClawPlace } from '../configuration/openclaw-place.js';
import { type Edit, isJsonObject, mergePatch } from './json-edit.js';
import { OpenClawError } from './openclaw-error.js';

const TIMEOUT_MS = 180_000;
const MAX_OUTPUT_BYTES = 4 * 1024 * 1024;

interface Ran {
  code: number;
  output: string;
  errors: string;
}

/** What OpenClaw says to a change of its configuration. */
export type Judgement =
  { kind: 'good'; configFile: string | undefined } | { kind: 'bad'; problems: string[] } | { kind: 'unknown'; says: string };

/** OpenClaw's own command. It is run without a shell, and with none of this proxy's settings in its environment. */
export class OpenClawCli {
  private constructor(
    readonly file: string,
    readonly version: string,
    private readonly place: OpenClawPlace,
  ) {}

  /** Undefined when there is no `openclaw` on the PATH. One that does not run is told by its words. */
  static async find(place: OpenClawPlace): Promise<OpenClawCli | { file: string; doesNotRun: string } | undefined> {
    const file = place.commandPath
      .split(delimiter)
      .map((directory) => join(directory, 'openclaw'))
      .find(isProgram);
    if (file === undefined) return undefined;
    const { code, output, errors } = await run(file, ['--version'], place);
    if (code !== 0) return { file, doesNotRun: firstLine(errors || output) };
    return new OpenClawCli(file, firstLine(output), place);
  }

  /** Whether the edits make a good configuration; nothing is written. */
  async judge(edits: readonly Edit[]): Promise<Judgement> {
    const { output, errors } = await this.patch(edits, ['--dry-run', '--json']);
    const answer = jsonOf(output);
    if (!answer) return { kind: 'unknown', says: firstLine(errors || output) };
    if (answer.ok === true) return { kind: 'good', configFile: typeof answer.configPath === 'string' ? answer.configPath : undefined };
    return { kind: 'bad', problems: problemsOf(answer) };
  }

  /** @throws OpenClawError when it is refused */
  async apply(edits: readonly Edit[]): Promise<void> {
    const { code, output, errors } = await this.patch(edits, []);
    if (code !== 0) throw new OpenClawError(`OpenClaw refused the change: ${(errors || output).trim().slice(0, 600)}`);
  }

  /** Whether the configuration as it stands is good. */
  async validate(): Promise<Judgement> {
    const { output, errors } = await this.run(['config', 'validate', '--json']);
    const answer = jsonOf(output);
    if (!answer) return { kind: 'unknown', says: firstLine(errors || output) };
    return answer.valid === true ? { kind: 'good', configFile: undefined } : { kind: 'bad', problems: problemsOf(answer) };
  }

  /** Has OpenClaw read its configuration and take it for good. It asks nobody for anything. */
  async observe(): Promise<void> {
    await this.run(['models', 'list', '--json']);
  }

  /** One small paid request through the whole way. */
  ask(ref: string, prompt: string): Promise<Ran> {
    return this.run(['infer', 'model', 'run', '--local', '--model', ref, '--prompt', prompt, '--json']);
  }

  private patch(edits: readonly Edit[], words: readonly string[]): Promise<Ran> {
    // An object is put in place of the old one, not merged into it: what an entry no longer has must go.
    const whole = edits.filter(({ value }) => isJsonObject(value)).flatMap(({ path }) => ['--replace-path', bracketed(path)]);
    return this.run(['config', 'patch', '--stdin', ...whole, ...words], JSON.stringify(mergePatch(edits)));
  }

  private run(words: readonly string[], input?: string): Promise<Ran> {
    const profile = this.place.profile === undefined ? [] : ['--profile', this.place.profile];
    return run(this.file, [...profile, ...words], this.place, input);
  }
}

function run(file: string, words: readonly string[], { childEnvironment: env }: OpenClawPlace, input = ''): Promise<Ran> {
  return new Promise((resolve) => {
    const child = execFile(file, words, { env, timeout: TIMEOUT_MS, maxBuffer: MAX_OUTPUT_BYTES }, (error, output, errors) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
      resolve({ code, output, errors: errors || (error !== null && output === '' ? error.message : '') });
    });
    child.stdin?.on('error', () => undefined); // it ended before it read: its exit code tells
    child.stdin?.end(input);
  });
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false; // not there, or not for us
  }
}

function bracketed([first = '', ...rest]: readonly string[]): string {
  return first + rest.map((key) => (/^\w+$/.test(key) ? `.${key}` : `["${key}"]`)).join('');
}

function jsonOf(output: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(output);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function problemsOf({ errors, issues, error }: Record<string, unknown>): string[] {
  const listed = [errors, issues].flat().flatMap((item) => (isJsonObject(item) && typeof item.message === 'string' ? [item] : []));
  const texts = listed.map(({ path, message }) => [path, message].filter((text) => typeof text === 'string').join(': '));
  const whole = isJsonObject(error) && typeof error.message === 'string' ? [error.message] : [];
  return [...whole, ...texts].map((text) => text.slice(0, 400));
}

function firstLine(text: string): string {
  return text.trim().split('\n', 1)[0]?.slice(0, 300) ?? '';
}
