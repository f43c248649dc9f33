import { createHash } from 'node:crypto';
import { isJsonObject, type Json } from './json-edit.js';

/** What `uninstall` has to know, kept beside the configuration. */
export interface InstallRecord {
  version: 1;
  installedAt: string;
  /** The configuration as the install left it: while it is that, its exact previous bytes can come back. */
  leftSha256: string;
  /** What was there before the first install. */
  before: Before;
  /** An entry of the same name that was there already; null: none. */
  previousProvider: Json | null;
  /** Null: the default model was left alone. */
  defaultModel: DefaultModelRecord | null;
  /** Objects that had to be made for our part to have a place. */
  created: string[][];
}

export interface DefaultModelRecord {
  path: string[];
  set: string;
  /** Null: there was none. */
  previous: Json | null;
}

/** `changed`: the configuration has been changed by others since, so only our part can be taken out. */
export type Before = { kind: 'file'; backup: string; sha256: string } | { kind: 'no-file' } | { kind: 'changed' };

export function sha256Of(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Undefined when the text is not a record that this version wrote. */
export function readRecord(text: string): InstallRecord | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const isRecord = isJsonObject(value) && value.version === 1 && typeof value.leftSha256 === 'string' && Array.isArray(value.created);
    return isRecord && isJsonObject(value.before) ? (value as unknown as InstallRecord) : undefined;
  } catch {
    return undefined;
  }
}
