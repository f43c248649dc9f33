import { basename } from 'node:path';
import { ConfigDocument, newText } from './config-document.js';
import type { ConfigFile } from './config-file.js';
import { installEdits, placesThatUse, undoFacts, uninstallEdits, type Wanted } from './install-plan.js';
import { type Before, type InstallRecord, sha256Of } from './install-record.js';
import { edited, type Edit, type JsonObject, valueAt } from './json-edit.js';
import type { OpenClawCli } from './openclaw-cli.js';
import { OpenClawError } from './openclaw-error.js';
import { PROVIDER } from './provider-entry.js';
import { looksLikeDamage, shrinkSteps } from './shrinking.js';

/** What was done, or with `dryRun` would be. */
export interface Change {
  before: string | undefined;
  after: string | undefined;
  /** Who writes: OpenClaw's own command, or we, keeping comments and layout. */
  by: 'openclaw' | 'edit';
  /** Our copy of what was there; undefined when nothing was written. */
  backup: string | undefined;
  notes: string[];
}

/** Writes our part into OpenClaw's configuration and takes it out again. Whatever fails, the configuration is as it was before. */
export class OpenClawInstaller {
  constructor(
    private readonly file: ConfigFile,
    /** Undefined: nobody can be asked, so only our own checks hold. */
    private readonly cli: OpenClawCli | undefined,
    private readonly now: () => Date,
  ) {}

  /** Undefined when everything stands there already. @throws OpenClawError */
  async install(wanted: Wanted, { dryRun }: { dryRun: boolean }): Promise<Change | undefined> {
    const before = this.file.read();
    const document = before === undefined ? undefined : ConfigDocument.read(before);
    const edits = installEdits(document?.value ?? {}, wanted);
    if (edits.length === 0) return undefined;
    const after = document === undefined ? newText(edited({}, edits)) : document.with(edits).text;
    const { canWrite, notes } = await this.judge(edits);
    if (!mayBeUsed(document?.value ?? {})) notes.push(NOT_ALLOWED);
    const by = canWrite && (document?.isWrittenByOpenClaw ?? true) ? 'openclaw' : 'edit';
    if (dryRun) return { before, after, by, backup: undefined, notes };

    const backup = before === undefined ? undefined : this.file.backUp(before, this.now());
    const earlier = this.file.readRecord();
    const record: InstallRecord = {
      version: 1,
      installedAt: this.now().toISOString(),
      leftSha256: sha256Of(after),
      before: beforeOf(before, backup, earlier),
      ...undoFacts(document?.value ?? {}, edits, earlier),
    };
    const left = await this.recorded({ record, earlier }, () =>
      by === 'openclaw' ? this.haveWritten(edits, before) : this.write(before, after),
    );
    return { before, after: left, by, backup, notes };
  }

  /** The record is there before the change: a change that nobody knows how to undo cannot be left behind. Returns what was written. */
  private async recorded(
    { record, earlier }: { record: InstallRecord; earlier: InstallRecord | undefined },
    write: () => Promise<string>,
  ): Promise<string> {
    this.file.writeRecord(record);
    try {
      const left = await write();
      this.file.writeRecord({ ...record, leftSha256: sha256Of(left) });
      return left;
    } catch (error) {
      if (earlier) this.file.writeRecord(earlier);
      else this.file.removeRecord();
      throw error;
    }
  }

  /** Undefined when there is nothing of ours. @throws OpenClawError */
  async uninstall({ dryRun }: { dryRun: boolean }): Promise<Change | undefined> {
    const before = this.file.read();
    const record = this.file.readRecord();
    if (before === undefined) return void (dryRun || this.file.removeRecord());
    const document = ConfigDocument.read(before);
    const exact = this.exactlyBefore(before, record);
    const target = exact ? exact.text : document.with(uninstallEdits(document.value, record)).text;
    if (target === before) return void (dryRun || this.file.removeRecord());
    const notes = [...this.damageNotes(before, target), ...leftNotes(target)];
    if (dryRun) return { before, after: target, by: 'edit', backup: undefined, notes };

    const backup = this.file.backUp(before, this.now());
    if (target === undefined) this.file.replace(before, undefined);
    else await this.shrink(document, target);
    this.file.removeRecord();
    return { before, after: target, by: 'edit', backup, notes };
  }

  /** The very bytes from before the install (or no file), where nothing but the install has changed them. */
  private exactlyBefore(now: string, record: InstallRecord | undefined): { text: string | undefined } | undefined {
    if (!record || sha256Of(now) !== record.leftSha256) return undefined;
    if (record.before.kind === 'no-file') return { text: undefined };
    if (record.before.kind === 'changed') return undefined;
    const text = this.file.readBackup(record.before.backup);
    return text !== undefined && sha256Of(text) === record.before.sha256 ? { text } : undefined;
  }

  private async judge(edits: readonly Edit[]): Promise<{ canWrite: boolean; notes: string[] }> {
    if (!this.cli) return { canWrite: false, notes: [] };
    const judgement = await this.cli.judge(edits);
    if (judgement.kind === 'bad')
      throw new OpenClawError(`OpenClaw would refuse this:\n  ${judgement.problems.join('\n  ')}\nNothing was changed.`);
    if (judgement.kind === 'unknown') return { canWrite: false, notes: [`${this.cli.file} could not check it (${judgement.says}).`] };
    if (judgement.configFile !== undefined && judgement.configFile !== this.file.path) {
      throw new OpenClawError(
        `OpenClaw says that its configuration is ${judgement.configFile}, not ${this.file.path}. Set OPENCLAW_CONFIG_PATH to the right one.`,
      );
    }
    return { canWrite: true, notes: [] };
  }

  /** By OpenClaw's command. Returns what it left. */
  private async haveWritten(edits: readonly Edit[], before: string | undefined): Promise<string> {
    if (this.file.read() !== before)
      throw new OpenClawError(`${this.file.path} was changed by another program just now. Nothing was changed; try again.`);
    await this.cli?.apply(edits);
    const left = this.file.read();
    if (left !== undefined && ConfigDocument.read(left).includes(edits)) return left;
    throw new OpenClawError(
      `OpenClaw's command said that it changed ${this.file.path}, but the change is not there. Look at it with "openclaw config file".`,
    );
  }

  /** By ourselves, and back again where OpenClaw does not like what it then sees. */
  private async write(before: string | undefined, after: string): Promise<string> {
    this.file.replace(before, after);
    const judgement = await this.cli?.validate();
    if (judgement?.kind !== 'bad') return after;
    this.file.replace(after, before);
    throw new OpenClawError(`OpenClaw refused the change, and it was taken back:\n  ${judgement.problems.join('\n  ')}`);
  }

  /** With OpenClaw looking at each step, so that none of them looks like damage to it. */
  private async shrink(document: ConfigDocument, target: string): Promise<void> {
    let now = document.text;
    for (const text of this.cli ? shrinkSteps(document, target) : [target]) {
      this.file.replace(now, text);
      await this.cli?.observe();
      if (this.file.read() !== text)
        throw new OpenClawError(
          `OpenClaw changed ${this.file.path} while our part was being taken out. Look at it, and run uninstall again.`,
        );
      now = text;
    }
  }

  private damageNotes(before: string, target: string | undefined): string[] {
    if (this.cli || target === undefined || !this.file.hasOpenClawBackup || !looksLikeDamage(before, target)) return [];
    return [
      `The file loses more than half of its size. OpenClaw may take that for damage and put ${this.file.path}.bak back: move that copy away first ` +
        'if it names this provider, or uninstall with "openclaw" on the PATH.',
    ];
  }
}

const NOT_ALLOWED = `agents.defaults.modelPolicy.allow does not name ${PROVIDER}: OpenClaw will not use it before "${PROVIDER}/*" stands there.`;

/** Whether OpenClaw's own allowlist of models, if there is one, has any of ours. */
function mayBeUsed(configuration: JsonObject): boolean {
  const allowed = valueAt(configuration, ['agents', 'defaults', 'modelPolicy', 'allow']);
  return !Array.isArray(allowed) || allowed.some((ref) => typeof ref === 'string' && (ref === '*' || ref.startsWith(`${PROVIDER}/`)));
}

function leftNotes(text: string | undefined): string[] {
  const places = text === undefined ? [] : placesThatUse(ConfigDocument.read(text).value);
  return places.length === 0 ? [] : [`Models of ${PROVIDER} are still named in ${places.join(', ')}: name others there.`];
}

function beforeOf(before: string | undefined, backup: string | undefined, earlier: InstallRecord | undefined): Before {
  if (before === undefined || backup === undefined) return { kind: 'no-file' };
  if (!earlier) return { kind: 'file', backup: basename(backup), sha256: sha256Of(before) };
  return sha256Of(before) === earlier.leftSha256 ? earlier.before : { kind: 'changed' };
}
