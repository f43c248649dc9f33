import { Configuration } from '../configuration/configuration.js';
import { type OpenClawPlace, openClawPlace } from '../configuration/openclaw-place.js';
import { ModelCatalog } from '../models/model-catalog.js';
import { ModelListFile } from '../models/model-list-file.js';
import { ModelsModule } from '../models/models.module.js';
import { displayUsd } from '../money/micro-usd.js';
import { askForCheck } from '../openclaw/check.js';
import { configDiff } from '../openclaw/config-diff.js';
import { ConfigFile } from '../openclaw/config-file.js';
import { OpenClawCli } from '../openclaw/openclaw-cli.js';
import { OpenClawError } from '../openclaw/openclaw-error.js';
import { OpenClawInstaller } from '../openclaw/openclaw-installer.js';
import { openClawStatus } from '../openclaw/openclaw-status.js';
import { baseUrlOf, modelRef, providerEntry, type ProxyFacts } from '../openclaw/provider-entry.js';
import { onBooks, print, printJson } from './on-books.js';
import { changeText, costText, statusText } from './openclaw-text.js';

export interface PlaceOptions {
  profile?: string;
}
export interface UninstallOptions extends PlaceOptions {
  dryRun?: true;
}
export interface InstallOptions extends UninstallOptions {
  /** True: the first model. */
  setDefault?: string | true;
  check?: true;
}
export interface StatusOptions extends PlaceOptions {
  json?: true;
}

interface Site {
  place: OpenClawPlace;
  file: ConfigFile;
  cli: OpenClawCli | undefined;
  configuration: Configuration;
  catalog: ModelCatalog;
  facts: ProxyFacts;
}

export async function installIntoOpenClaw({ profile, setDefault, dryRun, check }: InstallOptions): Promise<void> {
  const site = await siteFor(profile);
  const { place, file, cli, configuration, catalog, facts } = site;
  refuseReadOnly(place);
  const first = facts.models[0]?.id;
  if (first === undefined) throw new OpenClawError('No model is known by name: name one in BLOCKRUN_MODELS, or start the proxy once.');
  const chosen = typeof setDefault === 'string' ? catalog.allowed(setDefault).model.id : first;
  const wanted = { provider: providerEntry(facts), defaultModel: setDefault === undefined ? undefined : modelRef(chosen) };
  const change = await new OpenClawInstaller(file, cli, () => new Date()).install(wanted, { dryRun: dryRun ?? false });
  print(changeText(file.path, change, { done: 'Installed', isDryRun: dryRun ?? false, diff: diffOf(site, change) }));
  if (change) print(costText({ configuration, models: facts.models, document: change.after }));
  if (!check || dryRun) return;
  if (!cli) throw new OpenClawError('The check needs the command "openclaw" on the PATH.');
  print(
    `\nThe check is one paid request: it costs ${displayUsd(configuration.maxPerRequestMicroUsd)} at most, and counts in today's budget.`,
  );
  print(`It works: ${chosen} answered "${await askForCheck(cli, { baseUrl: facts.baseUrl, ref: modelRef(chosen) })}".`);
}

export async function uninstallFromOpenClaw({ profile, dryRun }: UninstallOptions): Promise<void> {
  const site = await siteFor(profile);
  refuseReadOnly(site.place);
  const change = await new OpenClawInstaller(site.file, site.cli, () => new Date()).uninstall({ dryRun: dryRun ?? false });
  print(changeText(site.file.path, change, { done: 'Removed', isDryRun: dryRun ?? false, diff: diffOf(site, change) }));
}

export async function showOpenClaw({ profile, json }: StatusOptions): Promise<void> {
  const { place, file, cli, facts } = await siteFor(profile);
  const status = await openClawStatus({ place, file, cli, facts });
  if (json) printJson(status);
  else print(statusText(status));
}

async function siteFor(profile: string | undefined): Promise<Site> {
  const { configuration, catalog } = await onBooks([ModelsModule], (books) =>
    Promise.resolve({ configuration: books.get<Configuration>(Configuration), catalog: books.get<ModelCatalog>(ModelCatalog) }),
  );
  // What the proxy last got of the seller's list: without it a pattern stands for the models of the configuration file alone.
  const kept = new ModelListFile(configuration.modelListFile).read();
  if (kept?.fetchedAt) catalog.adopt(kept.models);
  const place = openClawPlace(profile);
  const baseUrl = baseUrlOf(configuration);
  if (baseUrl === undefined) throw new OpenClawError('PORT is 0, which is any free port. Set PORT to the one that OpenClaw shall use.');
  const found = await OpenClawCli.find(place);
  if (found && !(found instanceof OpenClawCli)) print(`${found.file} does not run (${found.doesNotRun}); the file is edited without it.`);
  const { token, timeoutMs } = configuration;
  const facts = { baseUrl, token: token?.reveal(), timeoutMs, models: catalog.all() };
  return {
    place,
    file: new ConfigFile(place.configFile),
    cli: found instanceof OpenClawCli ? found : undefined,
    configuration,
    catalog,
    facts,
  };
}

function refuseReadOnly({ readOnlyBy, configFile }: OpenClawPlace): void {
  if (readOnlyBy === undefined) return;
  throw new OpenClawError(
    `${configFile} is kept by somebody else (${readOnlyBy}=1), so it is not changed. Put the provider into its source; --dry-run without that variable shows it.`,
  );
}

/** The token stands in the configuration and nowhere else. */
function diffOf({ file, facts: { token } }: Site, change: { before: string | undefined; after: string | undefined } | undefined): string {
  if (!change) return '';
  const diff = configDiff(file.path, change.before, change.after);
  return token === undefined ? diff : diff.replaceAll(token, '…');
}
