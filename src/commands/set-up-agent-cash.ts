import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generatePrivateKey } from 'viem/accounts';
import { Configuration } from '../configuration/configuration.js';
import { Secret } from '../configuration/secret.js';
import { CodedError } from '../errors/coded-error.js';
import { installAgentCash, isInstalled, pinnedVersions } from '../payment/agentcash/agent-cash-install.js';
import { commandIn, programIn } from '../payment/agentcash/agent-cash-program.js';
import type { AgentCashSetting } from '../payment/agentcash/agent-cash-wallet.js';
import { checkPayer } from '../payment/payer-check.js';
import { openAgentCash } from '../payment/payer.module.js';
import { onBooks, print } from './on-books.js';

/** @throws CodedError payer_failed when it cannot be installed, or does not sign as it should */
export async function setUpAgentCash({ isChecked }: { isChecked: boolean }): Promise<void> {
  const configuration = await onBooks([], (books) => Promise.resolve(books.get(Configuration)));
  await install(configuration);
  if (isChecked) await check(configuration);
  if (configuration.agentCash.program !== undefined)
    print(`The proxy will use ${configuration.agentCash.program}, since BLOCKRUN_AGENTCASH says so.`);
  if (configuration.payer !== 'agentcash') print('Set BLOCKRUN_PAYER=agentcash to have it sign for the proxy.');
}

async function install({ agentCash }: Configuration): Promise<void> {
  const { agentcash, viem } = await pinnedVersions();
  if (await isInstalled(agentCash)) return print(`AgentCash ${agentcash} is installed in ${agentCash.prefix}.`);
  print(`Installing agentcash ${agentcash} with viem ${viem} and what they need (about 230 MB) into ${agentCash.prefix}`);
  await installAgentCash(agentCash, (line) => print(`  ${line}`));
  print('Installed.');
}

async function check(configuration: Configuration): Promise<void> {
  const { privateKey, agentCash, paymentNetwork } = configuration;
  const walletFile = paymentNetwork === 'solana' ? agentCash.solanaWalletFile : configuration.walletFile;
  const hasWallet = existsSync(walletFile) || (paymentNetwork === 'base' && privateKey !== undefined);
  const home = await mkdtemp(join(tmpdir(), 'blockrun-agentcash-'));
  // Without a wallet it would make one without a word, so it is tried with a key and a home directory that are thrown away.
  const program = programIn(agentCash.prefix);
  const setting: AgentCashSetting = hasWallet
    ? { ...configuration, agentCash: { ...agentCash, program } }
    : {
        privateKey: new Secret(generatePrivateKey()),
        walletFile,
        isWalletCredential: false,
        paymentNetwork: 'base',
        solanaRpcUrl: undefined,
        agentCash: { ...agentCash, program, home },
      };
  try {
    print('Checking that it signs: a transfer of $0 from the wallet to itself, which is sent to nobody');
    await sign(setting, hasWallet);
    if (!hasWallet)
      print(`There is no wallet at ${walletFile} yet. AgentCash makes one when it is first run: ${commandIn(agentCash.prefix)} accounts`);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

async function sign(setting: AgentCashSetting, hasWallet: boolean): Promise<void> {
  const payer = await openAgentCash(setting);
  try {
    await checkPayer(payer, setting.paymentNetwork);
    print(`It signs${hasWallet ? ` for the wallet ${payer.address}` : ', tried with a key that was thrown away'}.`);
  } catch (error) {
    if (!(error instanceof CodedError && error.code === 'payer_unavailable')) throw error;
    print(`NOT CHECKED, and until this works it signs nothing: ${error.message} The install itself is whole.`);
  } finally {
    await payer.onApplicationShutdown();
  }
}
