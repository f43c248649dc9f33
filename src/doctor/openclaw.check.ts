import type { Configuration } from '../configuration/configuration.js';
import { ConfigDocument } from '../openclaw/config-document.js';
import { ConfigFile } from '../openclaw/config-file.js';
import { PROVIDER_PATH } from '../openclaw/install-plan.js';
import { isJsonObject, valueAt } from '../openclaw/json-edit.js';
import { baseUrlOf } from '../openclaw/provider-entry.js';
import { type Check, fail, ok, warn } from './finding.js';
import { reasonOf } from '../errors/reason-of.js';

const INSTALL = 'run: blockrun-openclaw-proxy openclaw install';

/** Whether OpenClaw, where it is used, calls this proxy. Its configuration is read; its command is not run. */
export function openClawCheck(configFile: string, configuration: Pick<Configuration, 'host' | 'port'>): Check {
  return {
    name: 'OpenClaw',
    run: () => {
      try {
        const text = new ConfigFile(configFile).read();
        if (text === undefined) return ok(`no configuration of it at ${configFile}`);
        const entry = valueAt(ConfigDocument.read(text).value, PROVIDER_PATH);
        if (entry === undefined) return warn(`${configFile} does not name this proxy`, INSTALL);
        return compared(isJsonObject(entry) ? entry.baseUrl : undefined, baseUrlOf(configuration));
      } catch (error) {
        return fail(reasonOf(error));
      }
    },
  };
}

function compared(named: unknown, ours: string | undefined) {
  const text = typeof named === 'string' && URL.canParse(named) ? placeOf(named) : 'nowhere';
  if (ours === undefined) return warn(`it calls ${text}; where this proxy listens is not known beforehand (PORT=0)`, 'set PORT');
  if (text === placeOf(ours)) return ok(`it calls this proxy at ${ours}`);
  return fail(`it calls ${text}, and this proxy listens at ${ours}`, INSTALL);
}

/** Without what an address may carry besides: it could be a secret. localhost is this machine, too. */
function placeOf(address: string): string {
  const { protocol, hostname, port, pathname } = new URL(address);
  return `${protocol}//${hostname.replace('localhost', '127.0.0.1')}${port && `:${port}`}${pathname.replace(/\/$/, '')}`;
}
