import type { Address } from '@solana/kit';
import { SYSTEM_PROGRAM } from './mainnet.js';
import type { Account } from './vm.process.js';

interface Version {
  readonly height: number;
  readonly account: Account | undefined;
}

/** Every account with its past, so that the node can tell what it was at an older block. */
export class Accounts {
  private readonly versions = new Map<Address, Version[]>();

  /** Nothing where there is no such account at that height. */
  at(address: Address, height: number): Account | undefined {
    return this.versions.get(address)?.findLast((version) => version.height <= height)?.account;
  }

  latest(address: Address): Account | undefined {
    return this.at(address, Infinity);
  }

  put(account: Account, height: number): void {
    const past = this.versions.get(account.address) ?? [];
    past.push({ height, account: account.lamports === 0n ? undefined : account });
    this.versions.set(account.address, past);
  }

  /** From the beginning of time: for what a test sets, which no transaction did. */
  set(account: Account): void {
    this.versions.delete(account.address);
    this.put(account, 0);
  }
}

export function emptyAccount(address: Address, lamports = 0n): Account {
  return { address, lamports, data: new Uint8Array(), programAddress: SYSTEM_PROGRAM, executable: false };
}
