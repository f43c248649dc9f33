/** What a program that we start needs to find its files and the network. Our settings, and with them every secret, are not among it. */
const NEEDED =
  /^(PATH|TMPDIR|LANG|LC_ALL|NODE_EXTRA_CA_CERTS|SSL_CERT_FILE|NODE_USE_ENV_PROXY|https?_proxy|no_proxy|HTTPS?_PROXY|NO_PROXY)$/;
/** What `npm` is configured by. */
const NPM = /^(HOME|npm_config_\w+|NPM_CONFIG_\w+)$/;

/** The variables for AgentCash itself; its home and, where it is to have one, a key are added by whoever starts it. */
export function childEnvironment(variables: Record<string, unknown>): Record<string, string> {
  return pick(variables, (name) => NEEDED.test(name));
}

/** The variables for npm. */
export function npmEnvironment(variables: Record<string, unknown>): Record<string, string> {
  return pick(variables, (name) => NEEDED.test(name) || NPM.test(name));
}

function pick(variables: Record<string, unknown>, isWanted: (name: string) => boolean): Record<string, string> {
  const texts = Object.entries(variables).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  return Object.fromEntries(texts.filter(([name]) => isWanted(name)));
}
