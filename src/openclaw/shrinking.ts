import type { ConfigDocument } from './config-document.js';
import { PROVIDER_PATH } from './install-plan.js';
import { isJsonObject, type JsonObject, valueAt } from './json-edit.js';

/** Below this size OpenClaw does not mind. */
const MINDED_BYTES = 512;

/**
 * OpenClaw takes a configuration that has lost more than half of its bytes since it last looked for damage, and puts its own copy back:
 * then our provider would return by itself.
 */
export function looksLikeDamage(before: string, after: string): boolean {
  return bytesOf(before) >= MINDED_BYTES && 2 * bytesOf(after) < bytesOf(before);
}

/** The texts by which a configuration becomes `target` without ever losing more than half: our provider goes model by model. */
export function shrinkSteps(document: ConfigDocument, target: string): string[] {
  const entry = valueAt(document.value, PROVIDER_PATH);
  const between = isJsonObject(entry) ? smallerEntries(entry).map((value) => document.with([{ path: PROVIDER_PATH, value }]).text) : [];
  const steps: string[] = [];
  let now = document.text;
  while (looksLikeDamage(now, target)) {
    const next = between.findLast((text) => bytesOf(text) < bytesOf(now) && !looksLikeDamage(now, text));
    if (next === undefined) break;
    steps.push(next);
    now = next;
  }
  return [...steps, target];
}

/** The entry with ever fewer models, then with ever less of the last one, down to what OpenClaw wants of any: each smaller than the one before. */
function smallerEntries(entry: JsonObject): JsonObject[] {
  const models = Array.isArray(entry.models) ? entry.models : [];
  const fewer = models.slice(1).map((_, index) => models.slice(0, models.length - 1 - index));
  const [first] = models;
  const facts = isJsonObject(first) ? Object.entries(first) : [];
  const less = facts.slice(2).map((_, index) => [Object.fromEntries(facts.slice(0, facts.length - 1 - index))]);
  const smaller = [...fewer, ...less].map((some) => ({ ...entry, models: some }));
  return [...smaller, { baseUrl: entry.baseUrl ?? '', models: less.at(-1) ?? [] }];
}

function bytesOf(text: string): number {
  return Buffer.byteLength(text);
}
