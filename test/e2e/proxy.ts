import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LoggerService } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Test, type TestingModuleBuilder } from '@nestjs/testing';
import { AppModule } from '../../src/app.module.js';
import { configureHttp } from '../../src/application.js';
import { LeanExpressAdapter } from '../../src/http/lean-express-adapter.js';
import type { BudgetStatus } from '../../src/budget/budget-status.js';
import { Configuration } from '../../src/configuration/configuration.js';
import { parseUsd } from '../../src/money/micro-usd.js';
import type { World } from '../../sandbox/world.js';

export const MODEL = 'google/gemini-3-flash-preview';
export const FREE_MODEL = 'nvidia/gpt-oss-120b';

export interface AuditLine {
  event: string;
  requestId?: string;
  state?: string;
  booked?: string;
  nonce?: string;
  amount?: string;
  code?: string;
  [fact: string]: unknown;
}

export interface ChatResult {
  status: number;
  headers: Headers;
  text: string;
  json: {
    choices?: unknown[];
    error?: { message: string; type: string; param: string | null; code: string };
    usage?: unknown;
    model?: string;
  };
}

interface ProxyOptions {
  world: { readonly seller: Pick<World['seller'], 'chatUrl'>; readonly wallet: Pick<World['wallet'], 'privateKey'> };
  environment?: Record<string, string>;
  directory?: string;
  override?: (builder: TestingModuleBuilder) => TestingModuleBuilder;
  logger?: LoggerService;
}

/** The whole application of production, in this process, against the sandbox world. */
export class ProxyUnderTest {
  private constructor(
    readonly app: NestExpressApplication,
    readonly url: string,
    readonly directory: string,
  ) {}

  static async start({ world, environment, directory, override, logger }: ProxyOptions): Promise<ProxyUnderTest> {
    const home = directory ?? mkdtempSync(join(tmpdir(), 'proxy-test-'));
    const configuration = new Configuration({
      PORT: '0',
      BLOCKRUN_CHAT_URL: world.seller.chatUrl,
      BLOCKRUN_MODELS: `${MODEL},openai/gpt-5.4-nano,${FREE_MODEL}`,
      BLOCKRUN_AUDIT_LOG: join(home, 'audit.jsonl'),
      BLOCKRUN_LEDGER_FILE: join(home, 'ledger.json'),
      X402_PRIVATE_KEY: world.wallet.privateKey,
      ...environment,
    });
    const builder = Test.createTestingModule({ imports: [await AppModule.forRoot()] })
      .overrideProvider(Configuration)
      .useValue(configuration);
    const module = await (override?.(builder) ?? builder).compile();
    const app = module.createNestApplication<NestExpressApplication>(new LeanExpressAdapter(), {
      bodyParser: false,
      logger: logger ?? false,
    });
    await configureHttp(app).listen(0, '127.0.0.1');
    return new ProxyUnderTest(app, (await app.getUrl()).replace('[::1]', '127.0.0.1'), home);
  }

  post(body: unknown, init: RequestInit = {}): Promise<Response> {
    return fetch(`${this.url}/v1/chat/completions`, {
      method: 'POST',
      body: typeof body === 'string' ? body : JSON.stringify(body),
      ...init,
      headers: { 'content-type': 'application/json', ...(init.headers as Record<string, string> | undefined) },
    });
  }

  /** A small chat completion; `fields` are added to its body. */
  async chat(fields: Record<string, unknown> = {}, init: RequestInit = {}): Promise<ChatResult> {
    const response = await this.post(chatBody(fields), init);
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.startsWith('application/json') ?? false;
    return { status: response.status, headers: response.headers, text, json: (isJson ? JSON.parse(text) : {}) as ChatResult['json'] };
  }

  async get<T>(path: string): Promise<T> {
    return (await (await fetch(`${this.url}${path}`)).json()) as T;
  }

  async budget(): Promise<{ spent: bigint; held: bigint; unresolved: bigint; remaining: bigint; calls: number }> {
    const status = await this.get<BudgetStatus>('/v1/budget');
    const amount = (text: string) => parseUsd(text) ?? -1n;
    return {
      spent: amount(status.spentUsd),
      held: amount(status.heldUsd),
      unresolved: amount(status.unresolvedUsd),
      remaining: amount(status.remainingUsd),
      calls: status.calls,
    };
  }

  audit(): AuditLine[] {
    const lines = readFileSync(join(this.directory, 'audit.jsonl'), 'utf8').split('\n').slice(0, -1);
    return lines.map((line) => JSON.parse(line) as AuditLine);
  }

  summary(): Record<string, { spentUsd: number; calls: number }> {
    return JSON.parse(readFileSync(join(this.directory, 'ledger.json'), 'utf8')) as Record<string, { spentUsd: number; calls: number }>;
  }

  /** Stops the application and keeps its files. */
  async stop(): Promise<void> {
    await this.app.close();
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

let bodies = 0;

/** A request that no other is the same as: the same one again would share the first one's answer. The price does not depend on `user`. */
export function chatBody(fields: Record<string, unknown> = {}): Record<string, unknown> {
  bodies += 1;
  return { model: MODEL, messages: [{ role: 'user', content: 'Say something.' }], max_tokens: 100, user: `user-${bodies}`, ...fields };
}

/** The JSON of each event of a stream, without `[DONE]`. */
export function chunksOf(
  text: string,
): { choices: { delta: { content?: string }; finish_reason: string | null }[]; usage?: unknown; error?: { code: string } }[] {
  return dataOf(text)
    .filter((data) => data !== '[DONE]')
    .map((data) => JSON.parse(data) as ReturnType<typeof chunksOf>[number]);
}

export function dataOf(text: string): string[] {
  return text.split('\n\n').flatMap((event) => (event.startsWith('data: ') ? [event.slice('data: '.length)] : []));
}
