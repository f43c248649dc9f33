import { getPublicKeyFromAddress, verifySignature, getBase58Encoder, type SignatureBytes } from '@solana/kit';
import type { Bank, Simulation } from './bank.js';
import { inContext, type Methods } from './rpc-blocks.js';
import { invalidParams, RpcError } from './rpc-error.js';
import { commitmentOf, settingsAt, transactionFrom, type Params } from './rpc-params.js';
import { describeError } from './transaction-error.js';
import type { WireTransaction } from './wire-transaction.js';

const UNSIGNED = 'Transaction signature verification failure';

/** The methods that take a transaction. */
export function sendingMethods(bank: Bank): Methods {
  return {
    sendTransaction: (params) => send(bank, params),
    async simulateTransaction(params) {
      const settings = settingsAt(params, 1);
      const isVerified = settings['sigVerify'] === true;
      const replacesBlockhash = settings['replaceRecentBlockhash'] === true;
      if (isVerified && replacesBlockhash) throw invalidParams('sigVerify may not be used with replaceRecentBlockhash');
      const transaction = transactionFrom(params, settings);
      if (isVerified && !(await isSigned(transaction))) throw new RpcError(-32003, UNSIGNED);
      const commitment = commitmentOf(settings);
      const simulation = await bank.simulate(transaction, { commitment, replacesBlockhash });
      return inContext(bank.blocks.at(commitment), describeSimulation(simulation));
    },
  };
}

/** With a preflight it says what is wrong; without one only a bad signature is, and all else shows in that no block has it. */
async function send(bank: Bank, params: Params): Promise<string> {
  const settings = settingsAt(params, 1);
  const transaction = transactionFrom(params, settings);
  const [signature] = transaction.signatures;
  if (typeof signature !== 'string' || !(await isSigned(transaction))) throw new RpcError(-32003, UNSIGNED);
  if (settings['skipPreflight'] !== true) {
    const commitment = commitmentOf({ commitment: settings['preflightCommitment'] ?? 'finalized' });
    const simulation = await bank.simulate(transaction, { commitment });
    if (simulation.error !== null) {
      const text = `Transaction simulation failed: ${describeError(simulation.error)}`;
      throw new RpcError(-32002, text, describeSimulation(simulation));
    }
  }
  bank.submit(transaction);
  return signature;
}

async function isSigned({ accounts, signatures, key }: WireTransaction): Promise<boolean> {
  // A copy: of a Buffer that begins where Node's pool of memory does, kit would take the whole pool.
  const message = Uint8Array.from(Buffer.from(key, 'base64'));
  const checks = signatures.map(async (signature, index) => {
    const signer = accounts[index];
    if (signature === null || signer === undefined) return false;
    return verifySignature(await getPublicKeyFromAddress(signer), getBase58Encoder().encode(signature) as SignatureBytes, message);
  });
  return (await Promise.all(checks)).every((isGood) => isGood);
}

function describeSimulation({ error, logs, unitsConsumed }: Simulation) {
  return {
    accounts: null,
    err: error,
    innerInstructions: null,
    loadedAccountsDataSize: 0,
    logs,
    replacementBlockhash: null,
    returnData: null,
    unitsConsumed,
  };
}
