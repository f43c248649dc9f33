import { x402Facilitator } from '@x402/core/facilitator';
import type { SettleResponse, SupportedResponse } from '@x402/core/types';
import { toFacilitatorEvmSigner } from '@x402/evm';
import { ExactEvmScheme } from '@x402/evm/exact/facilitator';
import { createWalletClient, http, parseEther, publicActions, testActions, type VerifyTypedDataParameters } from 'viem';
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts';
import { baseAt, NETWORK } from './base.js';
import { serveFacilitator, type Facilitator } from './facilitator.server.js';

/** Plenty for transferWithAuthorization. Given, so that anvil need not estimate against a block whose clock may be old. */
const GAS = 200_000n;

/** Verifies and settles on the chain with x402's own code, so that the sandbox accepts what a real facilitator accepts. */
export async function startFacilitator({ rpcUrl }: { rpcUrl: string }): Promise<Facilitator> {
  const facilitator = new x402Facilitator().register(NETWORK, new ExactEvmScheme(await fundedSigner(rpcUrl)));
  // One account sends the transactions: two at once would take the same account nonce.
  let last: Promise<unknown> = Promise.resolve();
  return serveFacilitator({
    supported: () => facilitator.getSupported() as SupportedResponse,
    verify: (payload, requirements) => facilitator.verify(payload, requirements),
    settle(payload, requirements): Promise<SettleResponse> {
      const settled = last.then(() => facilitator.settle(payload, requirements));
      last = settled.catch(() => undefined);
      return settled;
    },
  });
}

async function fundedSigner(rpcUrl: string) {
  const account = privateKeyToAccount(generatePrivateKey());
  const chain = baseAt(rpcUrl);
  const client = createWalletClient({ account, chain, transport: http(rpcUrl), pollingInterval: 10 })
    .extend(publicActions)
    .extend(testActions({ mode: 'anvil' }));
  await client.setBalance({ address: account.address, value: parseEther('1000') });
  return toFacilitatorEvmSigner({
    address: account.address,
    // "latest" carries the time of the last block, which in an idle box may be older than an authorization's validAfter.
    readContract: (call) => client.readContract({ ...call, args: call.args ?? [], blockTag: 'pending' }),
    verifyTypedData: (data) => client.verifyTypedData(data as VerifyTypedDataParameters),
    writeContract: (call) => client.writeContract({ gas: GAS, ...call }),
    sendTransaction: (transaction) => client.sendTransaction(transaction),
    waitForTransactionReceipt: (receipt) => client.waitForTransactionReceipt(receipt),
    getCode: (target) => client.getCode(target),
  });
}
