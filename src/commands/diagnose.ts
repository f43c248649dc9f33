import { Configuration } from '../configuration/configuration.js';
import { ConfigurationError } from '../configuration/configuration-error.js';
import { brokenConfigurationCheck } from '../doctor/configuration.check.js';
import { Checks, DoctorModule } from '../doctor/doctor.module.js';
import { type Diagnosis, examine } from '../doctor/examination.js';
import { nodeCheck } from '../doctor/node.check.js';
import { secretsOf } from '../doctor/secrets.js';
import { onBooks, print, printJson } from './on-books.js';

/** Longer than the seller and a node are waited for. */
const CHECK_WITHIN_MS = 15_000;

/** Shows what every check finds; the exit code is 1 when one fails. */
export async function diagnose({ asJson }: { asJson: boolean }): Promise<void> {
  const diagnoses = await examineAll();
  const isWell = diagnoses.every(({ status }) => status !== 'fail');
  if (asJson) printJson({ ok: isWell, checks: diagnoses });
  else print(textOf(diagnoses));
  process.exitCode = isWell ? 0 : 1;
}

async function examineAll(): Promise<Diagnosis[]> {
  try {
    return await onBooks([DoctorModule], (books) => {
      const limits = { withinMs: CHECK_WITHIN_MS, secrets: secretsOf(books.get(Configuration)) };
      return examine(books.get<Checks>(Checks), limits);
    });
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return examine([nodeCheck(), brokenConfigurationCheck(error)], { withinMs: CHECK_WITHIN_MS, secrets: [] });
  }
}

function textOf(diagnoses: readonly Diagnosis[]): string {
  const width = Math.max(...diagnoses.map(({ name }) => name.length));
  const lines = diagnoses.flatMap(({ status, name, says, next }) => [
    `${status.padEnd(6)}${name.padEnd(width + 2)}${says}`,
    ...(next === undefined ? [] : [`${' '.repeat(width + 8)}> ${next}`]),
  ]);
  const count = (wanted: string) => diagnoses.filter(({ status }) => status === wanted).length;
  const summary = `${count('ok')} ok, ${count('warn')} to look at, ${count('fail')} failed. Nothing was changed, signed or paid.`;
  return [...lines, '', summary].join('\n');
}
