import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startWorld, type World } from '../../sandbox/world.js';
import { AgentCashHome, FAKE_AGENT_CASH } from '../support/agent-cash-home.js';
import { until } from '../support/until.js';
import { chatBody } from './proxy.js';
import { ProxyProcess } from './proxy-process.js';

describe('a proxy that has AgentCash sign, as a process', () => {
  let world: World;
  let home: AgentCashHome;
  let proxy: ProxyProcess | undefined;

  beforeAll(async () => {
    world = await startWorld({ chain: 'none' });
  });
  afterAll(() => world.stop());
  beforeEach(() => {
    home = new AgentCashHome();
  });
  afterEach(async () => {
    proxy?.kill('SIGKILL');
    await proxy?.ended();
    home.remove();
  });

  const start = (variables: Record<string, string> = {}) =>
    (proxy = new ProxyProcess(home.directory.path, {
      BLOCKRUN_CHAT_URL: world.seller.chatUrl,
      BLOCKRUN_LEDGER_FILE: home.directory.file('ledger.json'),
      BLOCKRUN_AUDIT_LOG: home.directory.file('audit.jsonl'),
      BLOCKRUN_PAYER: 'agentcash',
      BLOCKRUN_AGENTCASH: FAKE_AGENT_CASH,
      ...variables,
    }));
  const post = async (url: string) => {
    const body = JSON.stringify(chatBody());
    return fetch(`${url}/v1/chat/completions`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  };
  const isGone = () => {
    try {
      return !process.kill(home.started()[0] ?? 0, 0);
    } catch {
      return true;
    }
  };

  it('pays, and takes AgentCash along when it is told to stop', async () => {
    const running = start();
    const url = await running.listening();
    expect((await post(url)).status).toBe(200);
    expect(isGone()).toBe(false);
    running.kill('SIGTERM');
    await running.ended();
    expect(isGone()).toBe(true);
  });

  it('leaves no AgentCash behind when it is killed', async () => {
    const running = start();
    await running.listening();
    running.kill('SIGKILL');
    await until(isGone, 'AgentCash to end');
  });

  it('does not write a key to its log when AgentCash does', async () => {
    home.behave({ fetch: { error: { cause: 'unhandled_exception', error: `key 0x${'5a'.repeat(32)}`, surface: 'fetch' } } });
    const running = start();
    const answer = await post(await running.listening());
    expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining('[hidden]')]);
    expect(running.output + running.errors).not.toContain('5a5a');
  });

  it.each<[string, Record<string, string>, string]>([
    ['AgentCash', { BLOCKRUN_AGENTCASH: '/nowhere/agentcash' }, 'Run "blockrun-openclaw-proxy setup agentcash" to install it'],
    ['its wallet', { BLOCKRUN_WALLET_FILE: '/nowhere/.agentcash/wallet.json' }, 'there is no such file'],
  ])('does not start without %s, and says what to do', async (_name, variables, says) => {
    const failed = start(variables);
    expect(await failed.ended()).toBe(1);
    expect(failed.errors).toContain(says);
  });

  it('needs neither for a dry run', async () => {
    const url = await start({ BLOCKRUN_DRY_RUN: '1', BLOCKRUN_AGENTCASH: '/nowhere/agentcash' }).listening();
    expect((await post(url)).status).toBe(200);
  });
});
