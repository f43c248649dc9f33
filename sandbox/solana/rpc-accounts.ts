import type { Address } from '@solana/kit';
import type { Bank } from './bank.js';
import { USDC_DECIMALS } from './mainnet.js';
import { inContext, type Methods } from './rpc-blocks.js';
import { invalidParams } from './rpc-error.js';
import { addressAt, commitmentOf, settingsAt, type Params, type Settings } from './rpc-params.js';
import { readTokenAccount } from './token-account.js';
import type { Account } from './vm.process.js';

const RENT_EXEMPT_EPOCH = 18_446_744_073_709_551_615n;
const MAX_ACCOUNTS = 100;

/** The methods about accounts, as they are at the block that the commitment names. */
export function accountMethods({ accounts, blocks }: Bank): Methods {
  const look = (settings: Settings) => {
    const block = blocks.at(commitmentOf(settings));
    return { block, find: (address: Address) => accounts.at(address, block.height) };
  };
  return {
    getAccountInfo(params) {
      const settings = settingsAt(params, 1);
      const { block, find } = look(settings);
      return inContext(block, describeAccount(find(addressAt(params, 0)), settings));
    },
    getMultipleAccounts(params) {
      const settings = settingsAt(params, 1);
      const addresses = params[0] as Params;
      if (!Array.isArray(addresses) || addresses.length > MAX_ACCOUNTS)
        throw invalidParams(`Too many inputs provided; max ${MAX_ACCOUNTS}`);
      const { block, find } = look(settings);
      const found = addresses.map((_, index) => describeAccount(find(addressAt(addresses, index)), settings));
      return inContext(block, found);
    },
    getBalance(params) {
      const { block, find } = look(settingsAt(params, 1));
      return inContext(block, find(addressAt(params, 0))?.lamports ?? 0n);
    },
    getTokenAccountBalance(params) {
      const { block, find } = look(settingsAt(params, 1));
      const account = find(addressAt(params, 0));
      if (account === undefined) throw invalidParams('Invalid param: could not find account');
      const token = readTokenAccount(account);
      if (token === undefined) throw invalidParams('Invalid param: not a Token account');
      return inContext(block, tokenAmount(token.amount));
    },
  };
}

/** Every token of the sandbox has USDC's decimals. */
export function tokenAmount(amount: bigint) {
  const uiAmount = Number(amount) / 10 ** USDC_DECIMALS;
  return { amount: amount.toString(), decimals: USDC_DECIMALS, uiAmount, uiAmountString: String(uiAmount) };
}

function describeAccount(account: Account | undefined, { encoding, dataSlice }: Settings) {
  if (encoding !== 'base64') throw invalidParams('The sandbox tells accounts in base64 only.');
  if (account === undefined) return null;
  const { offset = 0, length = account.data.length } = (dataSlice ?? {}) as { offset?: number; length?: number };
  const data = Buffer.from(account.data.subarray(offset, offset + length)).toString('base64');
  const { lamports, programAddress: owner, executable } = account;
  return { data: [data, 'base64'], executable, lamports, owner, rentEpoch: RENT_EXEMPT_EPOCH, space: account.data.length };
}
