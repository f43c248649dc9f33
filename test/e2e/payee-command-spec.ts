import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startWorld, type World } from '../../sandbox/world.js';
import { runProgram } from '../support/run-program.js';
import { ProxyUnderTest } from './proxy.js';

const OTHER = '0x0000000000000000000000000000000000000bad';
/** The stand-in then asks to be paid at the other address. */
const elsewhere = { x_sandbox: { fault: 'quote-foreign-payee' } };

describe('the payee, beside a proxy that runs', () => {
  let world: World;
  let proxy: ProxyUnderTest;

  beforeAll(async () => {
    world = await startWorld();
    proxy = await ProxyUnderTest.start({ world });
    expect((await proxy.chat()).status).toBe(200);
  });
  afterAll(async () => {
    await proxy.remove();
    await world.stop();
  });

  const payee = (words: string[], chatUrl = world.seller.chatUrl) =>
    runProgram(['payee', ...words], {
      directory: proxy.directory,
      environment: { BLOCKRUN_CHAT_URL: chatUrl, BLOCKRUN_LEDGER_FILE: 'ledger.json', BLOCKRUN_AUDIT_LOG: 'audit.jsonl' },
    });
  const answerTo = async (fields: object = {}) => {
    const { status, json } = await proxy.chat({ ...fields });
    return json.error?.code ?? status;
  };

  it('is shown as it was pinned at the first payment', async () => {
    const { output } = await payee(['list']);
    expect(output).toMatch(
      new RegExp(`^127.0.0.1:\\d+  eip155:8453  ${world.treasury.toLowerCase()}  since .*\\(pinned at the first payment\\)\n$`),
    );
  });

  it('is another one once an operator says so, and then that alone', async () => {
    expect(await answerTo(elsewhere)).toBe('payee_refused');
    expect(await payee(['trust', OTHER, '--reason', 'announced'])).toMatchObject({ code: 0, output: expect.stringContaining(OTHER) });
    expect([await answerTo(elsewhere), await answerTo()]).toEqual([200, 'payee_refused']);
    expect((await payee(['trust', world.treasury, '--reason', 'back again'])).code).toBe(0);
    expect(await answerTo()).toBe(200);
    expect(proxy.audit().filter(({ event }) => event === 'payee_trusted')).toMatchObject([
      { payee: OTHER, payeeBefore: world.treasury.toLowerCase(), reason: 'announced' },
      { payee: world.treasury, payeeBefore: OTHER, reason: 'back again' },
    ]);
    const { output } = await payee(['list', '--json']);
    expect(JSON.parse(output)).toMatchObject({ payees: [{ reason: 'back again' }], payTo: null });
  });

  it.each([
    ['0x123', /40 hex digits/, 2],
    ['vitalik.eth', /40 hex digits/, 2],
    ['0xE9030014F5DAe217d0A152f02A043567b16c1aBF', /capitals do not fit/, 1],
  ])('is never %s', async (address, says, code) => {
    expect(await payee(['trust', address, '--reason', 'a test'])).toMatchObject({ code, errors: expect.stringMatching(says) });
  });

  it('is not changed without a reason, or for a seller of other settings', async () => {
    expect((await payee(['trust', OTHER])).code).toBe(2);
    expect(await payee(['trust', OTHER, '--reason', 'a test'], 'https://blockrun.ai/api/v1/chat/completions')).toMatchObject({
      code: 1,
      errors: expect.stringContaining('blockrun.ai has not been paid yet, only 127.0.0.1:'),
    });
    expect(await answerTo()).toBe(200);
  });
});
