import type { Configuration } from '../configuration/configuration.js';

/** What of the settings must not be shown: whole, and as the part of a URL that opens the door. */
export function secretsOf({ privateKey, token, rpcUrl, solanaRpcUrl, sharedLedger }: Configuration): string[] {
  const ledgerUrl = sharedLedger?.url.reveal();
  const password = ledgerUrl === undefined ? undefined : new URL(ledgerUrl).password;
  const nodes = [rpcUrl, solanaRpcUrl].flatMap((url) => (url ? [url.reveal()] : []));
  const doors = nodes.flatMap(({ href, pathname, search }) => [href, `${pathname}${search}`]);
  const texts = [privateKey?.reveal(), token?.reveal(), ledgerUrl, password, password && decodeURIComponent(password), ...doors];
  return texts.filter((text): text is string => text !== undefined && text.length > 1);
}
