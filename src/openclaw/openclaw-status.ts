import { isDeepStrictEqual } from 'node:util';
import type { OpenClawPlace } from '../configuration/openclaw-place.js';
import { isProxyUp } from './check.js';
import { ConfigDocument } from './config-document.js';
import type { ConfigFile } from './config-file.js';
import { defaultModelOf, placesThatUse, PROVIDER_PATH } from './install-plan.js';
import { isJsonObject, valueAt } from './json-edit.js';
import type { OpenClawCli } from './openclaw-cli.js';
import { providerEntry, type ProxyFacts } from './provider-entry.js';

export interface OpenClawStatus {
  configFile: string;
  /** Null: there is no command on the PATH. */
  openClaw: { file: string; version: string } | null;
  /** `outdated`: it stands there, and differs from what an install would write now. */
  provider: 'installed' | 'outdated' | 'absent';
  /** The keys of the entry that differ. */
  differences: string[];
  models: string[];
  defaultModel: string | null;
  /** Where else the configuration names our models. */
  usedBy: string[];
  /** Null where OpenClaw may be written to; else the variable that says no. */
  readOnlyBy: string | null;
  baseUrl: string;
  isProxyUp: boolean;
}

/** Reads, and changes nothing. @throws OpenClawError when the configuration cannot be read */
export async function openClawStatus(parts: {
  place: OpenClawPlace;
  file: ConfigFile;
  cli: OpenClawCli | undefined;
  facts: ProxyFacts;
}): Promise<OpenClawStatus> {
  const { place, file, cli, facts } = parts;
  const text = file.read();
  const configuration = text === undefined ? {} : ConfigDocument.read(text).value;
  const entry = valueAt(configuration, PROVIDER_PATH);
  const wanted = providerEntry(facts);
  const found = isJsonObject(entry) ? entry : {};
  const differences = entry === undefined ? [] : differing(found, wanted);
  const models = Array.isArray(found.models) ? found.models : [];
  const defaultModel = defaultModelOf(configuration);
  return {
    configFile: file.path,
    openClaw: cli ? { file: cli.file, version: cli.version } : null,
    provider: entry === undefined ? 'absent' : differences.length > 0 ? 'outdated' : 'installed',
    differences,
    models: models.flatMap((model) => (isJsonObject(model) && typeof model.id === 'string' ? [model.id] : [])),
    defaultModel: typeof defaultModel === 'string' ? defaultModel : null,
    usedBy: placesThatUse(configuration),
    readOnlyBy: place.readOnlyBy ?? null,
    baseUrl: facts.baseUrl,
    isProxyUp: await isProxyUp(facts.baseUrl),
  };
}

function differing(found: Record<string, unknown>, wanted: Record<string, unknown>): string[] {
  const keys = new Set([...Object.keys(found), ...Object.keys(wanted)]);
  return [...keys].filter((key) => !isDeepStrictEqual(found[key], wanted[key]));
}
