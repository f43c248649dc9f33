/** What an error says, or whatever else was thrown, for a sentence of ours. */
export function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
