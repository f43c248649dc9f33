import { isDeepStrictEqual } from 'node:util';
import { type Edit, isJsonObject, type Json, type JsonObject, type Path, valueAt } from './json-edit.js';
import type { DefaultModelRecord, InstallRecord } from './install-record.js';
import { PROVIDER } from './provider-entry.js';

export const PROVIDER_PATH: Path = ['models', 'providers', PROVIDER];
const DEFAULT_MODEL_PATH: Path = ['agents', 'defaults', 'model'];

/** What OpenClaw is to know. */
export interface Wanted {
  provider: JsonObject;
  /** The reference that becomes the default model; undefined leaves the default as it is. */
  defaultModel: string | undefined;
}

/** The edits that are still missing; none when everything stands there already. */
export function installEdits(configuration: JsonObject, wanted: Wanted): Edit[] {
  const edits: Edit[] = [{ path: PROVIDER_PATH, value: wanted.provider }];
  if (wanted.defaultModel !== undefined) edits.push({ path: defaultPathIn(configuration), value: wanted.defaultModel });
  return edits.filter(({ path, value }) => !isDeepStrictEqual(valueAt(configuration, path), value));
}

/** The default model stands alone, or as `primary` with fallbacks beside it. */
export function defaultPathIn(configuration: JsonObject): Path {
  const isAlone = typeof valueAt(configuration, DEFAULT_MODEL_PATH) === 'string';
  return isAlone ? DEFAULT_MODEL_PATH : [...DEFAULT_MODEL_PATH, 'primary'];
}

export function defaultModelOf(configuration: JsonObject): Json | undefined {
  return valueAt(configuration, defaultPathIn(configuration));
}

/** What an uninstall has to know of the configuration before the edits; it adds to what an earlier install noted. */
export function undoFacts(
  configuration: JsonObject,
  edits: readonly Edit[],
  earlier: InstallRecord | undefined,
): Pick<InstallRecord, 'previousProvider' | 'defaultModel' | 'created'> {
  const created = edits.flatMap(({ path }) => parentsOf(path)).filter((path) => valueAt(configuration, path) === undefined);
  return {
    previousProvider: earlier ? earlier.previousProvider : (valueAt(configuration, PROVIDER_PATH) ?? null),
    defaultModel: defaultFacts(configuration, edits) ?? earlier?.defaultModel ?? null,
    created: uniquePaths([...(earlier?.created ?? []), ...created]),
  };

  function defaultFacts(before: JsonObject, made: readonly Edit[]): DefaultModelRecord | undefined {
    const edit = made.find(({ path }) => path[0] === DEFAULT_MODEL_PATH[0]);
    if (!edit || typeof edit.value !== 'string') return undefined;
    const previous = valueAt(before, edit.path) ?? null;
    const isOurs = earlier?.defaultModel?.set === previous;
    return { path: [...edit.path], set: edit.value, previous: isOurs ? (earlier?.defaultModel?.previous ?? null) : previous };
  }
}

/** What takes our part away again and leaves everything else; without a record of an install only the provider is known to be ours. */
export function uninstallEdits(configuration: JsonObject, record: InstallRecord | undefined): Edit[] {
  const edits: Edit[] = [{ path: PROVIDER_PATH, value: record?.previousProvider ?? undefined }];
  const { defaultModel } = record ?? {};
  if (defaultModel && valueAt(configuration, defaultModel.path) === defaultModel.set)
    edits.push({ path: defaultModel.path, value: defaultModel.previous ?? undefined });
  return [
    ...edits.filter(({ path, value }) => !isDeepStrictEqual(valueAt(configuration, path), value)),
    ...emptied(configuration, edits, record?.created ?? []),
  ];
}

/** Where the configuration speaks of our models outside of our own entry. */
export function placesThatUse(value: Json | undefined, path: Path = []): string[] {
  if (isDeepStrictEqual(path, PROVIDER_PATH)) return [];
  if (typeof value === 'string') return value.startsWith(`${PROVIDER}/`) ? [path.join('.')] : [];
  if (Array.isArray(value)) return value.flatMap((item, index) => placesThatUse(item, [...path, String(index)]));
  if (!isJsonObject(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) => [
    ...(key.startsWith(`${PROVIDER}/`) ? [[...path, key].join('.')] : []),
    ...placesThatUse(inner, [...path, key]),
  ]);
}

/** The objects that an install had to make and that hold nothing any more, innermost first. */
function emptied(configuration: JsonObject, edits: readonly Edit[], created: readonly Path[]): Edit[] {
  const gone = new Set(edits.filter(({ value }) => value === undefined).map(({ path }) => keyOf(path)));
  const removals: Edit[] = [];
  for (const path of created.toSorted((one, other) => other.length - one.length)) {
    const value = valueAt(configuration, path);
    if (!isJsonObject(value) || !Object.keys(value).every((key) => gone.has(keyOf([...path, key])))) continue;
    gone.add(keyOf(path));
    removals.push({ path, value: undefined });
  }
  return removals;
}

function parentsOf(path: Path): Path[] {
  return path.slice(0, -1).map((_, index) => path.slice(0, index + 1));
}

function uniquePaths(paths: readonly Path[]): string[][] {
  return [...new Map(paths.map((path) => [keyOf(path), [...path]])).values()];
}

function keyOf(path: Path): string {
  return JSON.stringify(path);
}
