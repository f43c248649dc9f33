import { afterEach, describe, expect, it } from '@jest/globals';
import { SOLANA_USDC } from '../../../../src/money/usdc.js';
import { Blockhashes } from '../../../../src/payment/solana/blockhashes.js';
import { SolanaNode } from '../../../../src/solana/solana-node.js';
import { OTHER_SOLANA_PAYEE, solanaOffer } from '../../../support/solana-offers.js';
import { StubNode } from '../../../support/stub-node.js';

describe('the block that a payment on Solana is made after', () => {
  let node: StubNode;
  afterEach(() => node.stop());

  /** A node whose newest block is what `block` says at that time. */
  async function open(block: () => number): Promise<Blockhashes> {
    node = await StubNode.start({
      getGenesisHash: () => SOLANA_USDC.genesisHash,
      getLatestBlockhash: () => ({
        context: { slot: 1 },
        value: { blockhash: `block${block()}`, lastValidBlockHeight: block() + 150 },
      }),
    });
    return new Blockhashes(new SolanaNode(node.url));
  }
  const asked = () => node.paramsOf('getLatestBlockhash').length;

  it('is the newest confirmed one, with the last block that can take the payment', async () => {
    const blockhashes = await open(() => 7);
    expect(await blockhashes.next(solanaOffer())).toMatchObject({ blockhash: 'block7', lastValidBlockHeight: 157n });
    expect(node.paramsOf('getLatestBlockhash')[0]).toEqual([{ commitment: 'confirmed' }]);
  });

  it('is the same for other terms, for which the node is not asked again', async () => {
    const blockhashes = await open(() => 7);
    const offers = [solanaOffer(), solanaOffer({ amountMicroUsd: 1001n }), solanaOffer({ payee: OTHER_SOLANA_PAYEE })];
    for (const offer of offers) expect(await blockhashes.next(offer)).toMatchObject({ blockhash: 'block7' });
    expect(asked()).toBe(1);
  });

  it('is another one each time for the same terms, however many come at once', async () => {
    let newest = 0;
    const blockhashes = await open(() => (newest += 1));
    const given = await Promise.all(Array.from({ length: 8 }, () => blockhashes.next(solanaOffer())));
    expect(new Set(given.map(({ blockhash }) => blockhash)).size).toBe(8);
  });

  it('is waited for while there is none that was not given out, though an older one be told meanwhile', async () => {
    const told = [3, 2, 3, 2, 4];
    let at = -1;
    const blockhashes = await open(() => told[Math.min((at += 0.5) | 0, told.length - 1)] ?? 4);
    const given = [await blockhashes.next(solanaOffer()), await blockhashes.next(solanaOffer()), await blockhashes.next(solanaOffer())];
    expect(given.map(({ blockhash }) => blockhash)).toEqual(['block3', 'block2', 'block4']);
  });

  it('is not there where the network stands still: nothing is signed, and a repeat is safe', async () => {
    const blockhashes = await open(() => 7);
    await blockhashes.next(solanaOffer());
    await expect(blockhashes.next(solanaOffer())).rejects.toMatchObject({
      code: 'payer_unavailable',
      message: expect.stringContaining('made no new block'),
    });
  }, 20_000);

  it('is not there where the node does not answer', async () => {
    node = await StubNode.start({ getGenesisHash: () => SOLANA_USDC.genesisHash });
    const asking = new Blockhashes(new SolanaNode(node.url)).next(solanaOffer());
    await expect(asking).rejects.toMatchObject({ code: 'payer_unavailable', message: expect.not.stringContaining('secret-key') });
  });
});
