import { reasonOf } from '../errors/reason-of.js';
import type { Configuration } from '../configuration/configuration.js';
import { type Check, fail, ok } from './finding.js';
import { walletAddress, walletPlace, type WalletSettings } from './wallet-address.js';

/** Whether the wallet can be used, and whose it is. */
export function walletCheck(configuration: WalletSettings & Pick<Configuration, 'dryRun'>): Check {
  return {
    name: 'wallet',
    run: async () => {
      try {
        return ok(`${await walletAddress(configuration)} (${walletPlace(configuration)})`);
      } catch (error) {
        return configuration.dryRun ? ok('none, and a dry run needs none') : fail(reasonOf(error));
      }
    },
  };
}
