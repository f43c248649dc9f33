const PLAIN = /^[a-zA-Z0-9_-]+$/;

/**
 * The ids that have to be written differently, and how: every other character becomes `_`, and an id that would then be another one's
 * gets a number. Equal ids stay equal, different ones stay different, and who comes first keeps its name.
 */
export function plainToolIds(ids: readonly string[]): Map<string, string> {
  const plainIds = new Map<string, string>();
  if (ids.every((id) => PLAIN.test(id))) return plainIds;
  const taken = new Set<string>();
  const numbers = new Map<string, number>();
  for (const id of new Set(ids)) {
    const name = id.replace(/[^a-zA-Z0-9_-]/g, '_') || '_';
    let plain = name;
    let number = numbers.get(name) ?? 1;
    while (taken.has(plain)) plain = `${name}_${++number}`;
    numbers.set(name, number);
    taken.add(plain);
    if (plain !== id) plainIds.set(id, plain);
  }
  return plainIds;
}
