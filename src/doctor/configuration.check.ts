import type { Configuration } from '../configuration/configuration.js';
import { ConfigurationError } from '../configuration/configuration-error.js';
import { displayUsd } from '../money/micro-usd.js';
import { type Check, fail, ok, together, warn } from './finding.js';

const NAME = 'configuration';

export function configurationCheck(configuration: Configuration): Check {
  const { dailyCapMicroUsd: cap, maxPerRequestMicroUsd: most, dryRun, unknownVariables } = configuration;
  return {
    name: NAME,
    run: () =>
      together([
        ok(`${displayUsd(cap)} a day, at most ${displayUsd(most)} a request`),
        ...(most > cap
          ? [warn('one request may cost more than a whole day', 'set BLOCKRUN_MAX_USD_PER_REQUEST below the daily budget')]
          : []),
        ...(dryRun ? [warn('a dry run: nothing is asked of the seller and nothing is paid', 'unset BLOCKRUN_DRY_RUN to pay')] : []),
        ...unknownVariables.map((name) => warn(`${name} is no setting of this program, and does nothing`, 'see the settings in README.md')),
      ]),
  };
}

/** For settings that cannot be used: nothing else can be looked at with them. */
export function brokenConfigurationCheck({ problems }: ConfigurationError): Check {
  return { name: NAME, run: () => fail(problems.join('; '), 'correct these settings: nothing else was looked at') };
}
