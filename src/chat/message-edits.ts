import type { Rewrites } from '../models/models-file.js';
import { type Edit, itemsAt, type Member, membersAt } from './json-text.js';
import { plainToolIds } from './tool-ids.js';

interface Message {
  role?: unknown;
  tool_calls?: unknown;
  tool_call_id?: unknown;
}

/**
 * What is written differently in the messages, whose array begins at `start`. Their text is only looked at when there is something to
 * change: most requests have nothing.
 */
export function messageEdits(
  text: string,
  start: number,
  { messages, rewrites }: { messages: readonly unknown[]; rewrites: Pick<Rewrites, 'developerToSystem' | 'plainToolIds'> },
): Edit[] {
  const known = messages as readonly Message[];
  const hasDeveloper = rewrites.developerToSystem && known.some(({ role }) => role === 'developer');
  const plainIds = rewrites.plainToolIds ? plainToolIds(known.flatMap(toolIdsOf)) : new Map<string, string>();
  if (!hasDeveloper && plainIds.size === 0) return [];
  return itemsAt(text, start).flatMap((message) => {
    const members = membersAt(text, message.start);
    const role = hasDeveloper ? lastOf(members, 'role') : undefined;
    const answered = plainIds.size > 0 ? lastOf(members, 'tool_call_id') : undefined;
    return [
      ...(role && stringAt(text, role) === 'developer' ? [{ ...role.value, text: '"system"' }] : []),
      ...[...idsOfCalls(text, lastOf(members, 'tool_calls')), ...(answered ? [answered] : [])].flatMap((id) =>
        plainIdEdit(text, id, plainIds),
      ),
    ];
  });
}

/** The ids in the order in which they stand: the same conversation, grown by a message, gets the same ids again. */
function toolIdsOf({ tool_calls: calls, tool_call_id: answered }: Message): string[] {
  const ids = Array.isArray(calls) ? calls.map((call: { id?: unknown } | null) => call?.id) : [];
  return [...ids, answered].filter((id) => typeof id === 'string');
}

function idsOfCalls(text: string, calls: Member | undefined): Member[] {
  if (!calls || text[calls.value.start] !== '[') return [];
  return itemsAt(text, calls.value.start).flatMap(({ start }) => (text[start] === '{' ? (lastOf(membersAt(text, start), 'id') ?? []) : []));
}

function plainIdEdit(text: string, id: Member, plainIds: ReadonlyMap<string, string>): Edit[] {
  const plain = plainIds.get(stringAt(text, id) ?? '');
  return plain === undefined ? [] : [{ ...id.value, text: `"${plain}"` }];
}

/** Of a key that stands twice the last one counts, as it did when the body was parsed. */
function lastOf(members: readonly Member[], name: string): Member | undefined {
  return members.findLast((member) => member.name === name);
}

function stringAt(text: string, { value }: Member): string | undefined {
  return text[value.start] === '"' ? (JSON.parse(text.slice(value.start, value.end)) as string) : undefined;
}
