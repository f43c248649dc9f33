import { isDeepStrictEqual } from 'node:util';
import { readJson5, type Json5Source, type SourceMember, type SourceObject } from './json5-source.js';
import { withMember, withoutMember, withValue } from './json5-splice.js';
import { type Edit, edited, isJsonObject, type Json, type JsonObject, type Path, valueAt } from './json-edit.js';
import { OpenClawError } from './openclaw-error.js';
import { reasonOf } from '../errors/reason-of.js';

/**
 * OpenClaw's configuration as text: JSON5, whose comments, order and layout outlive our edits. Every text that leaves here has been read
 * again and means what was there before plus the edit and nothing else, so a fault of the editing ends in a refusal and never in a
 * spoilt configuration.
 */
export class ConfigDocument {
  private constructor(
    readonly text: string,
    private readonly source: Json5Source,
  ) {}

  /** @throws OpenClawError when it is not JSON5, or not an object */
  static read(text: string): ConfigDocument {
    try {
      return new ConfigDocument(text, readJson5(text));
    } catch (cause) {
      const why = reasonOf(cause);
      const says = `OpenClaw's configuration cannot be read (${why}). Run "openclaw doctor" or mend it by hand. Nothing was changed.`;
      throw new OpenClawError(says, { cause });
    }
  }

  get value(): JsonObject {
    return this.source.value;
  }

  /** Whether OpenClaw itself wrote it: its command changes such a file without losing anything, while it would drop comments and layout. */
  get isWrittenByOpenClaw(): boolean {
    return isJsonObject(this.value.meta) && this.isPlainJson && !this.text.includes('"$include"');
  }

  /** Whether the edits have been made in it, whatever else was. */
  includes(edits: readonly Edit[]): boolean {
    return edits.every(({ path, value }) => isDeepStrictEqual(valueAt(this.value, path), value));
  }

  /** @throws OpenClawError when the edits cannot be made without touching anything else */
  with(edits: readonly Edit[]): ConfigDocument {
    return edits.reduce<ConfigDocument>((document, edit) => document.withOne(edit), this);
  }

  private withOne(edit: Edit): ConfigDocument {
    const wanted = edited(this.value, [edit]);
    const result = ConfigDocument.read(this.isPlainJson ? newText(wanted).trimEnd() + this.tail : this.edit(edit));
    if (isDeepStrictEqual(result.value, wanted)) return result;
    throw new OpenClawError('The configuration cannot be edited without changing other parts of it. Nothing was changed.');
  }

  /** Nothing in it is lost when it is written anew. */
  private get isPlainJson(): boolean {
    return this.text.trimEnd() === JSON.stringify(this.value, null, 2) || /^\s*\{\s*\}\s*$/.test(this.text);
  }

  private get tail(): string {
    return this.text.slice(this.text.trimEnd().length);
  }

  private edit({ path, value }: Edit): string {
    const source = { text: this.text, source: this.source };
    let at = this.source.root;
    for (const [index, name] of path.entries()) {
      const depth = index + 1;
      const rest = path.slice(depth);
      const member = onlyMember(at, name);
      if (rest.length === 0 && member)
        return value === undefined ? withoutMember(source, at, member) : withValue(source, member, value, depth);
      if (!member) return value === undefined ? this.text : withMember(source, at, name, { value: nested(rest, value), depth });
      if (member.value.kind !== 'object')
        throw new OpenClawError(`In OpenClaw's configuration ${path.slice(0, depth).join('.')} is not an object. Nothing was changed.`);
      at = member.value;
    }
    return this.text;
  }
}

/** A configuration that is not there yet. */
export function newText(value: JsonObject): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function nested(path: Path, value: Json): Json {
  return path.reduceRight<Json>((inner, key) => ({ [key]: inner }), value);
}

/** Of two keys with one name OpenClaw reads the last; which one an edit should reach is not to be guessed. */
function onlyMember(at: SourceObject, name: string): SourceMember | undefined {
  const [member, ...twins] = at.members.filter((each) => each.name === name);
  if (twins.length === 0) return member;
  throw new OpenClawError(
    `OpenClaw's configuration has the key "${name}" twice in one place. Remove one of them first. Nothing was changed.`,
  );
}
