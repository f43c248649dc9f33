import { type Check, fail, type Finding } from './finding.js';
import { reasonOf } from '../errors/reason-of.js';

export interface Diagnosis extends Finding {
  name: string;
}

export interface ExaminationLimits {
  /** How long each check may take; all run at once. */
  withinMs: number;
  /** Texts that no finding may show. */
  secrets: readonly string[];
}

/** Runs every check, whatever becomes of the others, and returns what they found, in their order. */
export function examine(checks: readonly Check[], { withinMs, secrets }: ExaminationLimits): Promise<Diagnosis[]> {
  return Promise.all(
    checks.map(async (check) => {
      const { status, says, next } = await bounded(check, withinMs);
      return { name: check.name, status, says: shown(says, secrets), ...(next !== undefined && { next: shown(next, secrets) }) };
    }),
  );
}

async function bounded(check: Check, withinMs: number): Promise<Finding> {
  const overdue = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Finding>((resolve) => {
    timer = setTimeout(() => {
      overdue.abort();
      resolve(fail(`it could not be found out within ${withinMs / 1000} seconds`));
    }, withinMs);
  });
  try {
    const found = Promise.resolve().then(() => check.run(overdue.signal));
    return await Promise.race([found, late]);
  } catch (error) {
    return fail(reasonOf(error));
  } finally {
    clearTimeout(timer);
  }
}

/** Of one line, and without secrets: those that are known, and whatever looks like a private key. */
function shown(text: string, secrets: readonly string[]): string {
  const hidden = secrets.reduce((rest, secret) => rest.replaceAll(secret, '(hidden)'), text);
  return hidden
    .replace(/0x[0-9a-fA-F]{64}/g, '(hidden)')
    .replace(/\p{Cc}+/gu, ' ')
    .trim();
}
