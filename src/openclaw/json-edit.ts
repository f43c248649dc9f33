/** JSON as it stands in OpenClaw's configuration. */
export type Json = string | number | boolean | null | Json[] | JsonObject;
export interface JsonObject {
  [key: string]: Json;
}
export type Path = readonly string[];

/** One change of a configuration; without a value the key is taken away. */
export interface Edit {
  path: Path;
  value: Json | undefined;
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function valueAt(root: JsonObject, path: Path): Json | undefined {
  let value: Json | undefined = root;
  for (const key of path) {
    if (!isJsonObject(value) || !Object.hasOwn(value, key)) return undefined;
    value = value[key];
  }
  return value;
}

/** The configuration with the edits made; objects on the way to a new value are made. What was given is left as it is. */
export function edited(root: JsonObject, edits: readonly Edit[]): JsonObject {
  return edits.reduce((configuration, { path, value }) => changed(configuration, path, value), root);
}

function changed(at: JsonObject, [key = '', ...rest]: Path, value: Json | undefined): JsonObject {
  const { [key]: inner, ...others } = at;
  if (rest.length === 0) return value === undefined ? others : { ...at, [key]: value };
  if (value === undefined && !isJsonObject(inner)) return at;
  return { ...at, [key]: changed(isJsonObject(inner) ? inner : {}, rest, value) };
}

/** The edits as a merge patch of `openclaw config patch`: null takes a key away. */
export function mergePatch(edits: readonly Edit[]): JsonObject {
  return edited(
    {},
    edits.map(({ path, value }) => ({ path, value: value ?? null })),
  );
}
