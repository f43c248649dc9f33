const MAX_LENGTH = 200;

export const REASON_RULE = `It must say why, in at most ${MAX_LENGTH} characters.`;

/** Why an operator acts, as one line: it stands in the audit, in logs and in answers. Undefined where it says nothing, or too much. */
export function operatorReason(text: string): string | undefined {
  const words = text.replace(/[\p{C}\p{Z}]+/gu, ' ').trim();
  return words === '' || words.length > MAX_LENGTH ? undefined : words;
}
