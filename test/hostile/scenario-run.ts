import { mkdtempSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LoggerService } from '@nestjs/common';
import type { Hex } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import type { Chain } from '../../sandbox/chain.js';
import { Payer } from '../../src/payment/payer.js';
import { X402Payer } from '../../src/payment/x402.payer.js';
import { ProxyUnderTest } from '../e2e/proxy.js';
import { ANSWER_MARKER, HostileSeller } from './hostile-seller.js';
import type { Call, Scenario } from './scenario.js';
import type { Signature } from './signature.js';

export const PROMPT_MARKER = 'PROMPT-MARKER-of-the-hostile-suite';

export interface Marketplace {
  chain: Chain;
  key: Hex;
  present: (signature: Signature) => Promise<Hex | undefined>;
}

/** What came of a scenario. */
export interface Outcome {
  /** A code, or the status of a success, for each call. */
  answers: (string | number)[];
  signatures: readonly Signature[];
  /** Signatures that were made, whether they left or not. */
  signed: number;
  asks: number;
  /** What the chain took from the wallet, once every signature that the seller got had been presented, twice. */
  lostMicroUsd: bigint;
  /** What the books say is spent, or may be. */
  countedMicroUsd: bigint;
  /** Where a secret, a prompt or an answer was found that may not be there. */
  leaks: string[];
}

/** Runs one scenario on a proxy of its own, with production's modules and a wallet with real (test) money. */
export async function runScenario({ routes, environment, calls }: Scenario, { chain, key, present }: Marketplace): Promise<Outcome> {
  const { address } = privateKeyToAccount(key);
  const before = await chain.balanceOf(address);
  const seller = await HostileSeller.start(routes, present);
  const payer = new CountingPayer(key);
  const log = new KeptLog();
  const proxy = await ProxyUnderTest.start({
    world: { seller, wallet: { privateKey: key } },
    directory: mkdtempSync(join(tmpdir(), 'hostile-')),
    environment: { BLOCKRUN_TIMEOUT_MS: '1000', BLOCKRUN_MAX_ANSWER_MS: '2000', ...environment },
    override: (builder) => builder.overrideProvider(Payer).useValue(payer),
    logger: log,
  });
  try {
    const told: Told[] = [];
    for (const call of calls) told.push(...(await make(call, proxy)));
    for (const signature of [...seller.signatures, ...seller.signatures]) await present(signature);
    const { spent, held } = await proxy.budget();
    await proxy.stop();
    const secrets = [key, ...seller.signatures.map(({ signature }) => signature)];
    return {
      answers: told.map(({ answer }) => answer),
      signatures: seller.signatures,
      signed: payer.signed,
      asks: seller.asked,
      lostMicroUsd: before - (await chain.balanceOf(address)),
      countedMicroUsd: spent + held,
      leaks: [
        ...filesOf(proxy.directory).flatMap(({ name, text }) => found(text, [...secrets, PROMPT_MARKER, ANSWER_MARKER], name)),
        ...found(log.text, [...secrets, PROMPT_MARKER, ANSWER_MARKER], 'the log'),
        ...told.flatMap(({ text }) => found(text, [key], 'an answer')),
      ],
    };
  } finally {
    await seller.stop();
    await proxy.remove();
  }
}

interface Told {
  answer: string | number;
  text: string;
}

async function make({ fields, headers, together = 1, same = false }: Call, proxy: ProxyUnderTest): Promise<Told[]> {
  const one = () =>
    proxy.chat(
      { messages: [{ role: 'user', content: PROMPT_MARKER }], ...(same && { user: 'the same' }), ...fields },
      { headers: { ...headers } },
    );
  const results = await Promise.all(Array.from({ length: together }, one));
  return results.map(({ status, json, text, headers: sent }) => ({
    answer: json.error?.code ?? status,
    text: `${text}\n${JSON.stringify([...sent])}`,
  }));
}

/** A wallet that counts how often it signs. */
class CountingPayer extends X402Payer {
  signed = 0;

  override authorize(offer: Parameters<X402Payer['authorize']>[0]): ReturnType<X402Payer['authorize']> {
    this.signed += 1;
    return super.authorize(offer);
  }
}

class KeptLog implements LoggerService {
  text = '';
  private readonly keep = (...parts: unknown[]) => void (this.text += `${parts.map(String).join(' ')}\n`);
  log = this.keep;
  error = this.keep;
  warn = this.keep;
}

function filesOf(directory: string): { name: string; text: string }[] {
  return (readdirSync(directory, { recursive: true }) as string[])
    .filter((name) => statSync(join(directory, name)).isFile())
    .map((name) => ({ name, text: readFileSync(join(directory, name), 'latin1') }));
}

/** By the digits alone, in any case: a key is a key with and without `0x`. */
function found(text: string, needles: readonly string[], where: string): string[] {
  const lower = text.toLowerCase();
  return needles.filter((needle) => lower.includes(needle.replace(/^0x/, '').toLowerCase())).map(() => `a secret in ${where}`);
}
