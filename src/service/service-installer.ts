import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { CodedError } from '../errors/coded-error.js';
import { MARK, type PlannedFile, type Scope, type ServicePlan, systemctl, uninstallationCommands, unitPath } from './service-plan.js';
import { SERVICE_UNIT, SOCKET_UNIT } from './unit-text.js';

const run = promisify(execFile);
/** A start waits for the ledger's recovery, a stop for answers that are paid and still coming in. */
const COMMAND_TIMEOUT_MS = 150_000;

/** Puts a plan into effect, or undoes it, on this machine's systemd. `tell` gets a line for each step. */
export class ServiceInstaller {
  constructor(private readonly tell: (line: string) => void) {}

  /** The same plan again changes nothing but restarts what it starts. @throws CodedError service_unavailable with what to do */
  async install({ files, commands }: ServicePlan): Promise<void> {
    const foreign = files.find((file) => !file.isSettings && existsSync(file.path) && !isOurs(file.path));
    if (foreign) throw fault(`${foreign.path} was not written by this program. Move it away first`);
    await this.requireManager(commands[0]?.includes('--user') ? 'user' : 'system');
    for (const file of files) this.write(file);
    for (const command of commands) await this.command(command);
  }

  /** Removes what an installation has written, but no settings. @throws CodedError service_unavailable */
  async uninstall({ scope, home }: { scope: Scope; home: string }): Promise<void> {
    const present = [SOCKET_UNIT, SERVICE_UNIT].filter((unit) => isOurs(unitPath({ scope, home }, unit)));
    if (present.length === 0) return this.tell('There is no service that this program has installed.');
    const { before, after } = uninstallationCommands(scope, present);
    for (const command of before) await this.command(command);
    for (const unit of present) {
      const path = unitPath({ scope, home }, unit);
      rmSync(path);
      this.tell(`removed ${path}`);
    }
    for (const command of after) await this.command(command);
  }

  /** What systemd says of a unit, by the names of its properties; empty where there is no systemd to ask. */
  async properties(scope: Scope, unit: string, names: readonly string[]): Promise<Map<string, string>> {
    const [program = '', ...words] = systemctl(scope, 'show', unit, `--property=${names.join(',')}`);
    const { stdout } = await run(program, words, { timeout: COMMAND_TIMEOUT_MS }).catch(() => ({ stdout: '' }));
    return new Map(stdout.split('\n').flatMap((line) => (line.includes('=') ? [splitOnce(line)] : [])));
  }

  private async requireManager(scope: Scope): Promise<void> {
    const properties = await this.properties(scope, SERVICE_UNIT, ['LoadState']);
    if (properties.size > 0) return;
    const login = scope === 'user' ? ' of this user (over ssh or su: log in anew, or set XDG_RUNTIME_DIR=/run/user/$(id -u))' : '';
    throw fault(`systemd${login} does not answer here, so no service can be set up. Nothing was written; see what would be with --dry-run`);
  }

  private write({ path, text, mode, isSettings }: PlannedFile): void {
    if (existsSync(path) && (isSettings || readFileSync(path, 'utf8') === text)) return this.tell(`kept ${path}`);
    mkdirSync(dirname(path), { recursive: true, mode: isSettings ? 0o700 : 0o755 });
    writeFileSync(path, text, { mode });
    chmodSync(path, mode);
    this.tell(`wrote ${path}`);
  }

  private async command(words: readonly string[]): Promise<void> {
    const [program = '', ...rest] = words;
    this.tell(`ran ${words.join(' ')}`);
    try {
      await run(program, rest, { timeout: COMMAND_TIMEOUT_MS });
    } catch (cause) {
      const { stderr = '', message } = cause as Error & { stderr?: string };
      throw fault(`"${words.join(' ')}" failed: ${(stderr || message).trim()}`, cause);
    }
  }
}

function isOurs(path: string): boolean {
  return existsSync(path) && readFileSync(path, 'utf8').startsWith(MARK);
}

function splitOnce(line: string): [string, string] {
  const at = line.indexOf('=');
  return [line.slice(0, at), line.slice(at + 1)];
}

function fault(text: string, cause?: unknown): CodedError {
  return new CodedError('service_unavailable', `${text}.`, { cause });
}
