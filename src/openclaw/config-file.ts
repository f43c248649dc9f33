import {
  closeSync,
  existsSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  type Stats,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type InstallRecord, readRecord } from './install-record.js';
import { OpenClawError } from './openclaw-error.js';
import { PROVIDER } from './provider-entry.js';
import { reasonOf } from '../errors/reason-of.js';

const MAX_BYTES = 8 * 1024 * 1024;

/** OpenClaw's configuration on disk, with our record and our backups beside it. It is replaced whole or not at all, and stays readable for its owner only. */
export class ConfigFile {
  constructor(readonly path: string) {}

  /** Undefined when there is none. @throws OpenClawError when it is no regular file of ours, or too large */
  read(): string | undefined {
    const stats = this.checked();
    return stats === undefined ? undefined : readFileSync(this.path, 'utf8');
  }

  /**
   * Puts `text` in place of `previous`, which must still be what is there; undefined stands for no file.
   * @throws OpenClawError when somebody else has changed it meanwhile, or it cannot be written
   */
  replace(previous: string | undefined, text: string | undefined): void {
    if (this.read() !== previous)
      throw new OpenClawError(`${this.path} was changed by another program just now. Nothing was changed; try again.`);
    if (text === undefined) rmSync(this.path);
    else this.writeBeside(this.path, text, previous === undefined ? 0o600 : lstatSync(this.path).mode & 0o777);
  }

  /** Keeps the text beside the configuration, under a name that tells the time. Returns its path. */
  backUp(text: string, now: Date): string {
    const stamp = now.toISOString().replace(/[-:]|\.\d+/g, '');
    for (let serial = 0; ; serial += 1) {
      const path = `${this.path}.${PROVIDER}.${stamp}${serial === 0 ? '' : `-${serial}`}.bak`;
      if (existsSync(path)) continue;
      this.writeBeside(path, text, 0o600);
      return path;
    }
  }

  /** The bytes of a backup, by the name that the record holds; undefined when it is gone. */
  readBackup(name: string): string | undefined {
    const path = join(dirname(this.path), basename(name));
    return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
  }

  /** Whether OpenClaw has a copy of its own, which it may put back. */
  get hasOpenClawBackup(): boolean {
    return existsSync(`${this.path}.bak`);
  }

  readRecord(): InstallRecord | undefined {
    return existsSync(this.recordPath) ? readRecord(readFileSync(this.recordPath, 'utf8')) : undefined;
  }

  writeRecord(record: InstallRecord): void {
    this.writeBeside(this.recordPath, `${JSON.stringify(record, null, 2)}\n`, 0o600);
  }

  removeRecord(): void {
    rmSync(this.recordPath, { force: true });
  }

  private get recordPath(): string {
    return `${this.path}.${PROVIDER}.json`;
  }

  private checked(): Stats | undefined {
    const stats = lstatSync(this.path, { throwIfNoEntry: false });
    if (!stats) return undefined;
    if (stats.isSymbolicLink())
      throw new OpenClawError(
        `${this.path} is a symbolic link, which OpenClaw would replace by a file. Make it a regular file, or change its source.`,
      );
    if (!stats.isFile()) throw new OpenClawError(`${this.path} is not a regular file.`);
    if (stats.size > MAX_BYTES) throw new OpenClawError(`${this.path} is larger than a configuration can be.`);
    const user = process.getuid?.();
    if (user !== undefined && stats.uid !== user)
      throw new OpenClawError(
        `${this.path} belongs to another user (${stats.uid}). Run this as that user, so that OpenClaw can still read it.`,
      );
    return stats;
  }

  /** On disk under its name only when it is whole. */
  private writeBeside(path: string, text: string, mode: number): void {
    const draft = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
    try {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      const file = openSync(draft, 'wx', mode);
      try {
        writeFileSync(file, text);
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
      renameSync(draft, path);
    } catch (cause) {
      if (existsSync(draft)) rmSync(draft);
      throw new OpenClawError(`${path} cannot be written: ${reasonOf(cause)}`, { cause });
    }
  }
}
