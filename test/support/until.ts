/** Waits until it holds, looking again often; fails with what was being waited for. */
export async function until(holds: () => boolean | Promise<boolean>, what: string, { withinMs } = { withinMs: 60_000 }): Promise<void> {
  for (const deadline = Date.now() + withinMs; Date.now() < deadline;) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`waited in vain for: ${what}`);
}
