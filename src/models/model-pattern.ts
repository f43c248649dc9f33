/** Whether an id is the entry, or matches it: a `*` in it, at most one, stands for any text, also for none. */
export function matches(entry: string, id: string): boolean {
  const star = entry.indexOf('*');
  if (star < 0) return entry === id;
  return id.length >= entry.length - 1 && id.startsWith(entry.slice(0, star)) && id.endsWith(entry.slice(star + 1));
}

export function matchesAny(entries: readonly string[], id: string): boolean {
  return entries.some((entry) => matches(entry, id));
}
