import { getBase58Decoder } from '@solana/kit';
import type { Bank } from './bank.js';
import type { Commitment } from './block-line.js';
import type { Landed, TokenBalance } from './history.js';
import { MAX_BLOCKHASH_AGE_BLOCKS, TOKEN_PROGRAM } from './mainnet.js';
import { tokenAmount } from './rpc-accounts.js';
import { inContext, type Methods } from './rpc-blocks.js';
import { invalidParams, RpcError } from './rpc-error.js';
import { addressAt, historyCommitment, settingsAt, signatureFrom, type Params, type Settings } from './rpc-params.js';
import type { WireTransaction } from './wire-transaction.js';

const MAX_SIGNATURES = 1_000;
const MAX_STATUSES = 256;

/** The methods about transactions that are in a block. */
export function historyMethods({ blocks, history }: Bank): Methods {
  const isSeenAt = (commitment: Commitment) => (landed: Landed) => landed.block.height <= blocks.at(commitment).height;
  return {
    getSignatureStatuses(params) {
      const signatures = params[0] as Params;
      if (!Array.isArray(signatures) || signatures.length > MAX_STATUSES) {
        throw invalidParams(`Too many inputs provided; max ${MAX_STATUSES}`);
      }
      const isLong = settingsAt(params, 1)['searchTransactionHistory'] === true;
      const tip = blocks.at('processed');
      const statuses = signatures.map((signature) => {
        const landed = history.find(signatureFrom(signature));
        const isKept = landed !== undefined && (isLong || tip.height - landed.block.height <= MAX_BLOCKHASH_AGE_BLOCKS);
        return isKept ? describeStatus(landed, blocks.commitmentOf(landed.block), tip.height) : null;
      });
      return inContext(tip, statuses);
    },
    getSignaturesForAddress(params) {
      const settings = settingsAt(params, 1);
      const limit = settings['limit'] ?? MAX_SIGNATURES;
      if (!Number.isInteger(limit) || (limit as number) < 1 || (limit as number) > MAX_SIGNATURES) {
        throw invalidParams(`Invalid limit; max ${MAX_SIGNATURES}`);
      }
      const found = history.of(addressAt(params, 0), bounds(settings)).filter(isSeenAt(historyCommitment(settings)));
      return found.slice(0, limit as number).map((landed) => describeEntry(landed, blocks.commitmentOf(landed.block)));
    },
    getTransaction(params) {
      const settings = typeof params[1] === 'string' ? { encoding: params[1] } : settingsAt(params, 1);
      const landed = history.find(signatureFrom(params[0]));
      const isSeen = isSeenAt(historyCommitment(settings));
      return landed === undefined || !isSeen(landed) ? null : describeTransaction(landed, settings);
    },
  };
}

function bounds({ before, until }: Settings): { before?: string; until?: string } {
  return {
    ...(before === undefined || before === null ? {} : { before: signatureFrom(before) }),
    ...(until === undefined || until === null ? {} : { until: signatureFrom(until) }),
  };
}

function describeStatus({ block, error }: Landed, confirmationStatus: Commitment, tipHeight: number) {
  const confirmations = confirmationStatus === 'finalized' ? null : tipHeight - block.height;
  const status = error === null ? { Ok: null } : { Err: error };
  return { slot: block.slot, confirmations, err: error, status, confirmationStatus };
}

function describeEntry({ signature, block, error }: Landed, confirmationStatus: Commitment) {
  return { signature, slot: block.slot, err: error, memo: null, blockTime: block.unixSeconds, confirmationStatus };
}

function describeTransaction(landed: Landed, { encoding = 'json', maxSupportedTransactionVersion }: Settings) {
  const { transaction, block, error, feeLamports, before, after, logs, unitsConsumed } = landed;
  if (transaction.version === 0 && maxSupportedTransactionVersion !== 0) {
    throw new RpcError(
      -32015,
      'Transaction version (0) is not supported by the requesting client. Please try the request again with the following configuration parameter: "maxSupportedTransactionVersion": 0',
    );
  }
  return {
    slot: block.slot,
    blockTime: block.unixSeconds,
    ...(maxSupportedTransactionVersion === undefined ? {} : { version: transaction.version }),
    transaction: encode(transaction, encoding),
    meta: {
      err: error,
      status: error === null ? { Ok: null } : { Err: error },
      fee: feeLamports,
      preBalances: before.lamports,
      postBalances: after.lamports,
      preTokenBalances: before.tokens.map(describeTokenBalance),
      postTokenBalances: after.tokens.map(describeTokenBalance),
      innerInstructions: [],
      logMessages: logs,
      loadedAddresses: { readonly: [], writable: [] },
      rewards: [],
      computeUnitsConsumed: unitsConsumed,
    },
  };
}

function describeTokenBalance({ accountIndex, mint, owner, amount }: TokenBalance) {
  return { accountIndex, mint, owner, programId: TOKEN_PROGRAM, uiTokenAmount: tokenAmount(amount) };
}

function encode(transaction: WireTransaction, encoding: unknown) {
  if (encoding === 'base64') return [Buffer.from(transaction.bytes).toString('base64'), 'base64'];
  if (encoding === 'base58') return [getBase58Decoder().decode(transaction.bytes), 'base58'];
  if (encoding !== 'json') throw invalidParams('The sandbox tells transactions as json, base58 or base64.');
  const { signatures, header, accounts, blockhash, instructions } = transaction;
  const indexOf = (address: string) => accounts.findIndex((account) => account === address);
  return {
    signatures,
    message: {
      header: {
        numRequiredSignatures: header.signers,
        numReadonlySignedAccounts: header.readonlySigners,
        numReadonlyUnsignedAccounts: header.readonlyNonSigners,
      },
      accountKeys: accounts,
      recentBlockhash: blockhash,
      instructions: instructions.map(({ program, accounts: named, data }) => ({
        programIdIndex: indexOf(program),
        accounts: named.map(indexOf),
        data: getBase58Decoder().decode(data),
        stackHeight: 1,
      })),
      ...(transaction.version === 0 ? { addressTableLookups: [] } : {}),
    },
  };
}
