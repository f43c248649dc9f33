import type { Configuration } from '../configuration/configuration.js';

/** What of the settings must not be shown: whole, and as the part of a URL that opens the door. */
export function secretsOf({ privateKey, token, rpcUrl, sharedLedger }: Configuration): string[] {
  const password = sharedLedger === undefined ? undefined : new URL(sharedLedger.url).password;
  const path = rpcUrl && `${rpcUrl.pathname}${rpcUrl.search}`;
  const texts = [privateKey, token, sharedLedger?.url, password, password && decodeURIComponent(password), rpcUrl?.href, path];
  return texts.filter((text): text is string => text !== undefined && text.length > 1);
}
