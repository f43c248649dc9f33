import { homedir, hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { Configuration } from '../../../src/configuration/configuration.js';
import { ConfigurationError } from '../../../src/configuration/configuration-error.js';
import { isLoopback } from '../../../src/configuration/environment.js';

const TOKEN = 'a-token-of-sixteen-and-more';
const KEY = `0x${'5a'.repeat(32)}`;

function problemsOf(variables: Record<string, unknown>): readonly string[] {
  try {
    new Configuration(variables);
    return [];
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
}

describe('an empty environment', () => {
  const state = join(homedir(), '.openclaw', 'blockrun-proxy');

  it('gives the documented defaults', () => {
    const { chatUrl, ...others } = new Configuration({});
    expect(chatUrl.href).toBe('https://blockrun.ai/api/v1/chat/completions');
    expect(others).toMatchObject({
      port: 8787,
      host: '127.0.0.1',
      dryRun: false,
      models: undefined,
      dailyCapMicroUsd: 1_000_000n,
      maxPerRequestMicroUsd: 50_000n,
      maxRequestsPerMinute: undefined,
      maxPerMinuteMicroUsd: undefined,
      maxConcurrent: undefined,
      clients: [],
      pauseFile: join(state, 'PAUSE'),
      auditFile: join(state, 'audit.jsonl'),
      auditMaxBytes: 64 * 1024 * 1024,
      summaryFile: join(state, 'ledger.json'),
      ledgerFile: join(state, 'ledger.sqlite'),
      timeoutMs: 180_000,
      holdWaitMs: 2000,
      privateKey: undefined,
      walletFile: join(homedir(), '.agentcash', 'wallet.json'),
      payees: undefined,
      token: undefined,
    });
  });

  it.each(['', '   '])('is what variables that are set to %j amount to', (empty) => {
    const names = ['PORT', 'HOST', 'BLOCKRUN_CHAT_URL', 'BLOCKRUN_DAILY_BUDGET_USD', 'BLOCKRUN_PROXY_TOKEN', 'X402_PRIVATE_KEY'];
    expect(new Configuration(Object.fromEntries(names.map((name) => [name, empty])))).toEqual(new Configuration({}));
  });

  it('is not disturbed by variables of others', () => {
    expect(new Configuration({ PATH: '/usr/bin', HOME: '/root', NODE_ENV: 'test' }).port).toBe(8787);
  });
});

describe('a variable that is set', () => {
  it('is read in the unit of the code', () => {
    const configuration = new Configuration({
      PORT: ' 9000 ',
      BLOCKRUN_CHAT_URL: 'http://127.0.0.1:4021/api/v1/chat/completions',
      BLOCKRUN_DRY_RUN: '1',
      BLOCKRUN_MODELS: 'openai/gpt-5.4-mini, xai/grok-4.3',
      BLOCKRUN_DAILY_BUDGET_USD: '2.5',
      BLOCKRUN_MAX_USD_PER_REQUEST: '0.000001',
      BLOCKRUN_MAX_REQUESTS_PER_MINUTE: '30',
      BLOCKRUN_MAX_USD_PER_MINUTE: '0.25',
      BLOCKRUN_MAX_CONCURRENT: '8',
      BLOCKRUN_AUDIT_LOG: '/var/lib/proxy/a.jsonl',
      BLOCKRUN_AUDIT_MAX_MB: '2',
      BLOCKRUN_LEDGER_FILE: '/var/lib/proxy/l.json',
      BLOCKRUN_TIMEOUT_MS: '1000',
      BLOCKRUN_HOLD_WAIT_MS: '0',
      BLOCKRUN_PAY_TO: '0xE9030014F5DAe217d0A152f02A043567b16c1aBf,0x1111111111111111111111111111111111111111',
      X402_PRIVATE_KEY: KEY,
    });
    expect(configuration).toMatchObject({
      port: 9000,
      dryRun: true,
      models: ['openai/gpt-5.4-mini', 'xai/grok-4.3'],
      dailyCapMicroUsd: 2_500_000n,
      maxPerRequestMicroUsd: 1n,
      maxRequestsPerMinute: 30n,
      maxPerMinuteMicroUsd: 250_000n,
      maxConcurrent: 8n,
      pauseFile: '/var/lib/proxy/PAUSE',
      auditFile: '/var/lib/proxy/a.jsonl',
      auditMaxBytes: 2_097_152,
      summaryFile: '/var/lib/proxy/l.json',
      ledgerFile: '/var/lib/proxy/ledger.sqlite',
      timeoutMs: 1000,
      holdWaitMs: 0,
      payees: ['0xe9030014f5dae217d0a152f02a043567b16c1abf', '0x1111111111111111111111111111111111111111'],
    });
  });

  it('BLOCKRUN_DRY_RUN=0 means that payments are made', () => {
    expect(new Configuration({ BLOCKRUN_DRY_RUN: '0' }).dryRun).toBe(false);
  });

  it('names the ledger file by a URL', () => {
    expect(new Configuration({ BLOCKRUN_LEDGER_URL: 'sqlite:///var/lib/my%20proxy/l.sqlite' }).ledgerFile).toBe(
      '/var/lib/my proxy/l.sqlite',
    );
  });

  it.each(['postgres://proxy:secret@127.0.0.1:5433/ledger', 'postgresql://proxy@db.example/ledger?sslmode=verify-full'])(
    'shares the ledger %s under the name of the machine',
    (url) => {
      expect(new Configuration({ BLOCKRUN_LEDGER_URL: url, BLOCKRUN_MACHINE: 'alpha' }).sharedLedger).toMatchObject({ machine: 'alpha' });
      const { sharedLedger } = new Configuration({ BLOCKRUN_LEDGER_URL: url });
      expect([sharedLedger?.url.reveal(), sharedLedger?.machine]).toEqual([url, hostname()]);
    },
  );
});

const BAD_AMOUNTS = [
  '0',
  '0.00',
  '-1',
  '+1',
  '1e-2',
  '1E3',
  'NaN',
  'Infinity',
  '0x1',
  '0.0000001',
  '1,00',
  '$1',
  'one',
  '1 000',
  '.5',
  '1.',
];
const AMOUNTS = ['BLOCKRUN_DAILY_BUDGET_USD', 'BLOCKRUN_MAX_USD_PER_REQUEST', 'BLOCKRUN_MAX_USD_PER_MINUTE', 'BLOCKRUN_UNKNOWN_COST_USD'];

const BAD_VALUES: [name: string, values: string[]][] = [
  ...AMOUNTS.map((name): [string, string[]] => [name, BAD_AMOUNTS]),
  ['PORT', ['-1', '65536', '80.5', 'http', '1e3', 'NaN', '0x50']],
  ['HOST', ['a host', 'host/path', 'http://host']],
  [
    'BLOCKRUN_CHAT_URL',
    [
      'blockrun.ai',
      'http://blockrun.ai/api',
      'http://localhost.evil.example/api',
      'http://127.0.0.1.evil.example/api',
      'https://user:pass@blockrun.ai/api',
      'https://user@blockrun.ai/api',
      'file:///etc/passwd',
      'ftp://127.0.0.1/api',
    ],
  ],
  ['BLOCKRUN_RPC_URL', ['http://mainnet.base.org', 'https://key:@mainnet.base.org']],
  ['BLOCKRUN_DRY_RUN', ['true', 'yes', '2', '11']],
  ['BLOCKRUN_MODELS', ['gpt', 'openai/gpt,', ',', 'openai/gpt 5', '/gpt', 'openai/']],
  ['BLOCKRUN_AUDIT_MAX_MB', ['0', '4097', '1.5', '-1', '64MB']],
  ['BLOCKRUN_MAX_REQUESTS_PER_MINUTE', ['0', '1000001', '1.5', '-1', 'many']],
  ['BLOCKRUN_MAX_CONCURRENT', ['0', '10001', '1e2']],
  ['BLOCKRUN_TIMEOUT_MS', ['0', '999', '900001', '-5', '1e4', 'soon']],
  ['BLOCKRUN_HOLD_WAIT_MS', ['-1', '60001', '1.5', 'NaN']],
  ['BLOCKRUN_PAYER', ['AgentCash', 'X402', 'x4020']],
  ['BLOCKRUN_AGENTCASH', ['agentcash', './agentcash']],
  ['X402_PRIVATE_KEY', ['5a'.repeat(32), `0x${'5a'.repeat(31)}`, `0x${'zz'.repeat(32)}`]],
  ['BLOCKRUN_PAYMENT_NETWORK', ['eip155:84532', 'solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1', 'BASE']],
  ['BLOCKRUN_LEDGER_URL', ['postgres://db.example/ledger', 'postgres://127.0.0.1', 'mysql://127.0.0.1/db', 'sqlite://relative', '/path']],
  ['BLOCKRUN_LEDGER_URL', ['postgres://db.example/ledger?sslmode=', 'postgres://db.example/ledger?sslmode=verify-ful']],
  ['BLOCKRUN_MACHINE', ['two words', 'x'.repeat(64)]],
  ['BLOCKRUN_PAY_TO', ['0x123', `0x${'1'.repeat(40)},`, 'someone.eth']],
  ['BLOCKRUN_PROXY_TOKEN', ['short', 'with spaces in the token', 'x'.repeat(513)]],
];

describe('a bad value', () => {
  const cases = BAD_VALUES.flatMap(([name, values]) => values.map((value): [string, string] => [name, value]));

  it.each(cases)('%s=%s stops the start and names the variable', (name, value) => {
    const problems = problemsOf({ BLOCKRUN_PROXY_TOKEN: TOKEN, [name]: value });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(new RegExp(`^${name} must be `));
  });

  it('is reported together with every other one', () => {
    const bad = BAD_VALUES.map(([name, values]): [string, string] => [name, values[0]!]);
    const problems = problemsOf(Object.fromEntries(bad));
    // A HOST that is not loopback lacks its token besides being no host name.
    expect(new Set(problems.map((problem) => problem.split(' ')[0]))).toEqual(new Set(bad.map(([name]) => name)));
    expect(() => new Configuration(Object.fromEntries(bad))).toThrow(/PORT must be[^]*BLOCKRUN_PROXY_TOKEN must be/);
  });

  it('never shows a key, a token or a password in its message', () => {
    const secrets = {
      X402_PRIVATE_KEY: 'f00dbabe'.repeat(7),
      BLOCKRUN_PROXY_TOKEN: 'hunter2',
      BLOCKRUN_CHAT_URL: 'https://u:pa55word@x.example/',
    };
    const text = problemsOf(secrets).join('\n');
    for (const secret of ['f00dbabe', 'hunter2', 'pa55word']) expect(text).not.toContain(secret);
  });

  // Guards against a URIError with a stack trace instead of a sentence that names the variable.
  it('of a ledger URL that cannot be decoded names the variable too', () => {
    expect(problemsOf({ BLOCKRUN_LEDGER_URL: 'sqlite:///var/%zz/ledger.sqlite' })).toEqual([
      expect.stringMatching(/^BLOCKRUN_LEDGER_URL /),
    ]);
  });
});

describe('the address to listen on', () => {
  it.each(['0.0.0.0', '::', '192.168.1.10', 'proxy.example'])('%s needs a token that clients must send', (HOST) => {
    expect(problemsOf({ HOST })).toEqual([expect.stringMatching(/^HOST .*BLOCKRUN_PROXY_TOKEN/)]);
    expect(problemsOf({ HOST, BLOCKRUN_PROXY_TOKEN: TOKEN })).toEqual([]);
  });

  it.each(['127.0.0.1', '127.8.8.8', 'localhost', '::1', '[::1]'])('%s is reached from this machine only and needs none', (HOST) => {
    expect(new Configuration({ HOST }).host).toBe(HOST);
  });

  it.each(['127.0.0.1.example', '127.evil.example', 'localhost.example', '128.0.0.1', '', '::ffff:127.0.0.1'])(
    '%j is not taken for loopback',
    (host) => {
      expect(isLoopback(host)).toBe(false);
    },
  );
});

describe('the address of the seller', () => {
  it.each(['http://localhost:4021/x', 'http://127.0.0.1:4021/x', 'http://[::1]:4021/x', 'https://blockrun.ai/x'])('may be %s', (url) => {
    expect(new Configuration({ BLOCKRUN_CHAT_URL: url }).chatUrl.href).toBe(url);
  });
});
