import type { Configuration } from '../configuration/configuration.js';
import type { Model } from '../models/model.js';
import { displayUsd, type MicroUsd } from '../money/micro-usd.js';
import { ConfigDocument } from '../openclaw/config-document.js';
import { heartbeatOf, TURN_CHARACTERS, type TurnEstimate, turnEstimate } from '../openclaw/heartbeat.js';
import { defaultModelOf } from '../openclaw/install-plan.js';
import type { JsonObject } from '../openclaw/json-edit.js';
import type { Change } from '../openclaw/openclaw-installer.js';
import type { OpenClawStatus } from '../openclaw/openclaw-status.js';
import { modelRef, PROVIDER } from '../openclaw/provider-entry.js';

/** What an install or uninstall has done. */
export function changeText(path: string, change: Change | undefined, how: { done: string; isDryRun: boolean; diff: string }): string {
  if (!change) return `${path}: nothing to change.`;
  const by = change.by === 'openclaw' ? 'by "openclaw config patch"' : 'in place; comments and layout are kept';
  const lines = how.isDryRun
    ? [how.diff, `Nothing was written. It would be changed ${by}.`]
    : [
        change.after === undefined ? `Removed: ${path}, which was not there before.` : `${how.done}: ${PROVIDER} in ${path}, ${by}.`,
        ...(change.backup === undefined ? [] : [`Before, it was: ${change.backup}`]),
      ];
  return [...lines, ...change.notes].join('\n');
}

/** What OpenClaw will cost: a turn of each model, and what it spends while nobody talks to it. */
export function costText(facts: { configuration: Configuration; models: readonly Model[]; document: string | undefined }): string {
  const { configuration, models, document } = facts;
  const { maxPerRequestMicroUsd: maximum, dailyCapMicroUsd: cap } = configuration;
  const estimates = models.map((model) => ({ model, estimate: turnEstimate(model) }));
  const width = Math.max(...models.map(({ id }) => id.length));
  const lines = estimates.map(({ model: { id }, estimate }) => `  ${id.padEnd(width)}  ${priceText(estimate, maximum)}`);
  return [
    '',
    `A turn of OpenClaw with an empty conversation has about ${TURN_CHARACTERS.toLocaleString('en')} characters. By what is known of the seller's prices it costs about:`,
    ...lines,
    `One request may cost ${displayUsd(maximum)}, a day ${displayUsd(cap)}.`,
    '',
    heartbeatText(document === undefined ? {} : ConfigDocument.read(document).value, { estimates, cap }),
  ].join('\n');
}

export function statusText(status: OpenClawStatus): string {
  const { configFile, openClaw, provider, differences, models, defaultModel, usedBy, readOnlyBy, baseUrl } = status;
  const says = {
    installed: 'installed',
    outdated: `installed, but differs in ${differences.join(', ')}: install it again`,
    absent: 'not installed',
  };
  const rows = [
    ['configuration', configFile + (readOnlyBy === null ? '' : ` (kept by somebody else: ${readOnlyBy}=1)`)],
    ['openclaw', openClaw === null ? 'not on the PATH' : `${openClaw.version} (${openClaw.file})`],
    [PROVIDER, says[provider]],
    ['models', models.join(', ') || 'none'],
    ['default model', defaultModel ?? 'not set'],
    ['used by', usedBy.join(', ') || 'nothing'],
    ['proxy', `${status.isProxyUp ? 'answers' : 'does not answer'} at ${baseUrl}`],
  ];
  return rows.map(([name = '', value = '']) => `${name.padEnd(14)} ${value}`).join('\n');
}

function priceText(estimate: TurnEstimate | undefined, maximum: MicroUsd): string {
  if (!estimate) return 'not known';
  const isTooDear = estimate.totalMicroUsd > maximum;
  return displayUsd(estimate.totalMicroUsd) + (isTooDear ? '  more than one request may cost: it will be refused' : '');
}

interface Estimates {
  estimates: readonly { model: Model; estimate: TurnEstimate | undefined }[];
  cap: MicroUsd;
}

function heartbeatText(configuration: JsonObject, { estimates, cap }: Estimates): string {
  const heartbeat = heartbeatOf(configuration);
  if (!heartbeat) return 'The heartbeat is off or not understood: OpenClaw should spend nothing while nobody talks to it.';
  const own = valueOfDefault(configuration);
  const isDefault = own?.startsWith(`${PROVIDER}/`) ?? false;
  const { model, estimate } = estimates.find(({ model: { id } }) => modelRef(id) === own) ?? estimates.find((each) => each.estimate) ?? {};
  const opening = `OpenClaw's gateway wakes its main agent every ${heartbeat.every}, up to ${heartbeat.beatsADay} full turns a day while nobody talks to it`;
  if (!model || !estimate) return `${opening}, each paid for.`;
  const total = estimate.totalMicroUsd * BigInt(heartbeat.beatsADay);
  return [
    `${opening}.`,
    `${isDefault ? 'With' : 'If you make this provider its default, with'} ${model.id} that is about ${displayUsd(roundedUp(total))} a day, of the ${displayUsd(cap)} that a day may cost:`,
    `  ${heartbeat.beatsADay} x ( ${estimate.inputTokens} input tokens ${displayUsd(estimate.inputMicroUsd)} + ${estimate.outputTokens} output tokens ${displayUsd(estimate.outputMicroUsd)} + fee ${displayUsd(estimate.feeMicroUsd)} ) = ${heartbeat.beatsADay} x ${displayUsd(estimate.totalMicroUsd)}`,
    'It grows with the conversation. To turn it off: openclaw config set agents.defaults.heartbeat.every 0m',
  ].join('\n');
}

/** To whole cents: an estimate has no more in it. */
function roundedUp(amount: MicroUsd): MicroUsd {
  return ((amount + 9999n) / 10_000n) * 10_000n;
}

function valueOfDefault(configuration: JsonObject): string | undefined {
  const value = defaultModelOf(configuration);
  return typeof value === 'string' ? value : undefined;
}
