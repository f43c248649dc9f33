import type { Scope } from '../service/service-plan.js';
import { SERVICE_UNIT } from '../service/unit-text.js';
import { type Check, fail, type Finding, ok, together, warn } from './finding.js';

const SCOPES: readonly Scope[] = ['user', 'system'];
const NAMES = ['LoadState', 'ActiveState', 'SubState', 'StatusText', 'UnitFileState'];

/** What systemd says of a unit, by the names of its properties; empty where there is no systemd to ask. */
type Properties = (scope: Scope, unit: string, names: readonly string[]) => Promise<Map<string, string>>;

/** How the systemd service is, where one is installed. */
export function serviceCheck(properties: Properties): Check {
  return {
    name: 'service',
    run: async () => {
      const found = await Promise.all(SCOPES.map(async (scope) => ({ scope, facts: await properties(scope, SERVICE_UNIT, NAMES) })));
      const installed = found.filter(({ facts }) => facts.get('LoadState') === 'loaded');
      if (installed.length > 0) return together(installed.map(({ scope, facts }) => judged(scope, facts)));
      return ok('not installed (blockrun-openclaw-proxy service install)');
    },
  };
}

function judged(scope: Scope, facts: Map<string, string>): Finding {
  const of = scope === 'user' ? '--user ' : '';
  const whose = scope === 'user' ? "the user's service" : "the machine's service";
  const state = facts.get('ActiveState') ?? 'unknown';
  if (state === 'failed') return fail(`${whose} has failed (${facts.get('SubState')})`, `look: journalctl ${of}-u ${SERVICE_UNIT} -n 50`);
  if (state !== 'active') return warn(`${whose} is ${state}`, `systemctl ${of}start ${SERVICE_UNIT}`);
  if (facts.get('UnitFileState') !== 'enabled') {
    return warn(`${whose} runs, and is not started with the machine`, `systemctl ${of}enable ${SERVICE_UNIT}`);
  }
  return ok(`${whose} runs: ${facts.get('StatusText') || 'it says nothing'}`);
}
