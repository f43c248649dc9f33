import type { Configuration } from '../configuration/configuration.js';
import { type Check, fail, ok } from './finding.js';
import { walletAddress } from './wallet-address.js';
import { reasonOf } from '../errors/reason-of.js';

/** Whether the wallet can be used, and whose it is. */
export function walletCheck(configuration: Pick<Configuration, 'privateKey' | 'walletFile' | 'isWalletCredential' | 'dryRun'>): Check {
  const { privateKey, walletFile, dryRun } = configuration;
  return {
    name: 'wallet',
    run: () => {
      try {
        return ok(`${walletAddress(configuration)} (${privateKey ? 'X402_PRIVATE_KEY' : walletFile})`);
      } catch (error) {
        return dryRun ? ok('none, and a dry run needs none') : fail(reasonOf(error));
      }
    },
  };
}
