import { CodedError } from '../errors/coded-error.js';
import type { AllowedModel } from '../models/model-catalog.js';
import type { ChatRequest } from './chat-request.js';
import { type Edit, edited, type Member, membersAt } from './json-text.js';
import { messageEdits } from './message-edits.js';

/**
 * The body for the seller: the client's own text to the letter, but for the model's name and what `config/models.json` has rewritten for
 * this model (docs/requests.md). The client may not write a key of the body twice, since then the seller could read another model
 * or another maximum than was looked at here.
 * @throws CodedError invalid_request
 */
export function sellerBody(text: string, request: ChatRequest, { model, rewrites }: AllowedModel): Buffer {
  const members = membersAt(text, text.indexOf('{'));
  refuseTwice(members);
  const modelEdits = request.model === model.id ? [] : [{ ...valueOf(members, 'model'), text: JSON.stringify(model.id) }];
  const edits = modelEdits.concat(
    maxTokensEdits(members, request, rewrites),
    messageEdits(text, valueOf(members, 'messages').start, { messages: request.messages, rewrites }),
  );
  return Buffer.from(edits.length === 0 ? text : edited(text, edits));
}

function refuseTwice(members: readonly Member[]): void {
  const seen = new Set<string>();
  for (const { name } of members) {
    if (seen.has(name)) {
      const shown = name.replace(/[^\x20-\x7e]/g, '?').slice(0, 100);
      throw new CodedError('invalid_request', `Invalid '${shown}': the body has this key twice. Send it once.`, { param: shown });
    }
    seen.add(name);
  }
}

/** Where the value of a key stands that validation has found in the body. */
function valueOf(members: readonly Member[], name: string): Member['value'] {
  const member = members.find((candidate) => candidate.name === name);
  if (!member) throw new Error(`the body has no ${name}`);
  return member.value;
}

type MaxTokensField = 'max_tokens' | 'max_completion_tokens';

/** How many tokens are asked for at most: under the name and within the bounds that suit the model. */
function maxTokensEdits(members: readonly Member[], request: ChatRequest, rewrites: AllowedModel['rewrites']): Edit[] {
  const { mostTokens = Infinity, tokensWhenNoneIsSent, renameMaxCompletionTokens } = rewrites;
  const fields = members.filter(isMaxTokens);
  const sent = fields.flatMap(({ name }) => request[name] ?? []);
  const name = renameMaxCompletionTokens ? 'max_tokens' : 'max_completion_tokens';
  if (sent.length > 0 && !renameMaxCompletionTokens) {
    return fields.flatMap((field) => ((request[field.name] ?? 0) > mostTokens ? [{ ...field.value, text: String(mostTokens) }] : []));
  }
  const wanted = sent.length > 0 ? Math.min(...sent) : tokensWhenNoneIsSent;
  if (wanted === undefined) return [];
  const tokens = Math.min(wanted, mostTokens);
  const [first, ...others] = fields;
  if (!first) return [appended(members, `"${name}":${tokens}`)];
  return [
    ...(first.name === name ? [] : [{ ...first.key, text: `"${name}"` }]),
    ...(request[first.name] === tokens ? [] : [{ ...first.value, text: String(tokens) }]),
    ...others.map((other) => removed(members, other)),
  ];
}

function isMaxTokens(member: Member): member is Member & { name: MaxTokensField } {
  return member.name === 'max_tokens' || member.name === 'max_completion_tokens';
}

function appended(members: readonly Member[], member: string): Edit {
  const end = members.at(-1)?.value.end ?? 0;
  return { start: end, end, text: `,${member}` };
}

/** Takes a member out that is not the first, with the comma before it. */
function removed(members: readonly Member[], member: Member): Edit {
  const before = members[members.indexOf(member) - 1];
  return { start: before?.value.end ?? member.key.start, end: member.value.end, text: '' };
}
