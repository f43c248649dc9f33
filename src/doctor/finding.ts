/** `ok`: as it should be. `warn`: it works, and somebody should look. `fail`: requests are not, or soon not, paid and answered. */
export type FindingStatus = 'ok' | 'warn' | 'fail';

/** What a check has found out. */
export interface Finding {
  status: FindingStatus;
  /** In a sentence or two; never a secret. */
  says: string;
  /** What to do about it. */
  next?: string | undefined;
}

/** One thing that is looked at. A check changes nothing, signs nothing and pays nothing. */
export interface Check {
  name: string;
  /** What it throws is a finding, too. Once the signal is aborted nobody waits for its result any more. */
  run(signal: AbortSignal): Promise<Finding> | Finding;
}

export function ok(says: string): Finding {
  return { status: 'ok', says };
}

export function warn(says: string, next?: string): Finding {
  return { status: 'warn', says, next };
}

export function fail(says: string, next?: string): Finding {
  return { status: 'fail', says, next };
}

/** Several findings of one check as one: the worst status, and what those that are not ok say; else what all say. */
export function together(findings: readonly Finding[]): Finding {
  const status = (['fail', 'warn'] as const).find((worst) => findings.some((finding) => finding.status === worst)) ?? 'ok';
  const told = status === 'ok' ? findings : findings.filter((finding) => finding.status !== 'ok');
  const steps = told.flatMap(({ next }) => next ?? []);
  return { status, says: told.map(({ says }) => says).join('; '), next: steps.length > 0 ? [...new Set(steps)].join('; ') : undefined };
}
