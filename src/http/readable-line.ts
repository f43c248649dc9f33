/**
 * A line of the log for people: `12:03:04 WARN  Call  call unresolved  requestId=… model=…`. The time is that of the machine. What is said in
 * several lines goes on indented, and other control characters are written out, so that nothing can look like a line of its own, or move
 * the terminal's cursor.
 */
export function readableLine(line: string): string {
  const { time, level, context, msg, ...facts } = JSON.parse(line) as Record<string, unknown>;
  const at = new Date(String(time)).toTimeString().slice(0, 8);
  const shownLevel = level === 'info' ? '' : String(level).toUpperCase();
  const words = [
    at,
    shownLevel.padEnd(5),
    ...[context, msg].flatMap((word) => word ?? []).map(textOf),
    ...Object.entries(facts).map(([name, value]) => `${name}=${textOf(value)}`),
  ];
  return `${words.join('  ')}\n`;
}

function textOf(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.replace(/\r?\n/g, '\n    ').replace(/(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, written);
}

function written(character: string): string {
  return `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;
}
