/** A line of the log for people: `12:03:04 WARN  Call  call unresolved  requestId=… model=…`. The time is that of the machine. */
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
  return typeof value === 'string' ? value : JSON.stringify(value);
}
