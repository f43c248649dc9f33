import { privateKeyToAccount } from 'viem/accounts';
import { createWalletClient, type Hex, http, parseEther, publicActions, testActions } from 'viem';
import { generatePrivateKey } from 'viem/accounts';
import { baseAt, USDC } from '../../sandbox/base.js';
import { usdcBase } from '../../sandbox/token/usdc-base.artifact.js';

/** A signed authorization as it reached a seller. */
export interface Signature {
  signature: Hex;
  authorization: { from: Hex; to: Hex; value: string; validAfter: string; validBefore: string; nonce: Hex };
  /** In seconds. */
  arrivedAt: number;
}

/** What a payment header of any version carries; undefined when it carries no such thing. */
export function signatureIn(header: string | string[] | undefined): Signature | undefined {
  if (typeof header !== 'string') return undefined;
  const { payload } = JSON.parse(Buffer.from(header, 'base64').toString()) as { payload?: Signature };
  return payload && { ...payload, arrivedAt: Date.now() / 1000 };
}

/** Takes signatures to the token itself: whatever it accepts is lost, whoever promised what. */
export async function startCashier(rpcUrl: string): Promise<(signature: Signature) => Promise<Hex | undefined>> {
  const account = privateKeyToAccount(generatePrivateKey());
  const client = createWalletClient({ account, chain: baseAt(rpcUrl), transport: http(rpcUrl), pollingInterval: 10 })
    .extend(publicActions)
    .extend(testActions({ mode: 'anvil' }));
  await client.setBalance({ address: account.address, value: parseEther('1000') });
  let last: Promise<unknown> = Promise.resolve();

  const present = async ({ signature, authorization }: Signature): Promise<Hex | undefined> => {
    const { from, to, value, validAfter, validBefore, nonce } = authorization;
    const hash = await client.writeContract({
      address: USDC,
      abi: usdcBase.abi,
      functionName: 'transferWithAuthorization',
      args: [from, to, BigInt(value), BigInt(validAfter), BigInt(validBefore), nonce, signature],
      gas: 200_000n,
    });
    const { status } = await client.waitForTransactionReceipt({ hash });
    return status === 'success' ? hash : undefined;
  };
  // One account sends the transactions, so they go one after another.
  return (signature) => {
    const presented = last.then(() => present(signature));
    last = presented.catch(() => undefined);
    return presented;
  };
}
