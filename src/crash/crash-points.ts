/**
 * The points on the way of a paid request at which tests let the process die: whatever of it is on disk then must be enough to find out
 * what was paid. In their order.
 */
export const CRASH_POINTS = [
  'hold-placed',
  'price-known',
  'signature-made',
  'signed-uncommitted',
  'signed-committed',
  'signature-on-disk',
  'payment-leaving',
  'answer-begun',
  'answer-over',
  'settled-uncommitted',
  'settled-committed',
] as const;

export type CrashPoint = (typeof CRASH_POINTS)[number];

/** Of the process, since it is the process that dies. */
let armed: { point: CrashPoint; passes: number } | undefined;

export function isCrashPoint(text: string): text is CrashPoint {
  return (CRASH_POINTS as readonly string[]).includes(text);
}

/** The process will die where the point is reached after so many passes. Only tests ask for that (`BLOCKRUN_TEST_CRASH_AT`). */
export function armCrashPoint(crash: { point: CrashPoint; passes: number } | undefined): void {
  armed = crash && { ...crash };
}

/** Dies here when this is the point, as by `kill -9`: nothing is flushed, closed or told. */
export function reach(point: CrashPoint): void {
  if (armed?.point !== point) return;
  if (armed.passes > 0) armed.passes -= 1;
  else process.kill(process.pid, 'SIGKILL');
}
