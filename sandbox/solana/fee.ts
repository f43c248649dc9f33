import { COMPUTE_BUDGET_PROGRAM } from './mainnet.js';
import type { WireTransaction } from './wire-transaction.js';

const LAMPORTS_PER_SIGNATURE = 5_000n;
const MICRO_LAMPORTS = 1_000_000n;
const DEFAULT_UNITS_PER_INSTRUCTION = 200_000n;
const SET_UNIT_LIMIT = 2;
const SET_UNIT_PRICE = 3;

/** What the VM takes for a transaction: so much a signature, and the offered price for all the compute units that it may use. */
export function feeLamports({ header, instructions }: WireTransaction): bigint {
  const orders = instructions.filter(({ program }) => program === COMPUTE_BUDGET_PROGRAM).map(({ data }) => Buffer.from(data));
  const limit = orders.find((data) => data[0] === SET_UNIT_LIMIT)?.readUInt32LE(1);
  const price = orders.find((data) => data[0] === SET_UNIT_PRICE)?.readBigUInt64LE(1) ?? 0n;
  const units = limit === undefined ? DEFAULT_UNITS_PER_INSTRUCTION * BigInt(instructions.length - orders.length) : BigInt(limit);
  return LAMPORTS_PER_SIGNATURE * BigInt(header.signers) + (units * price + MICRO_LAMPORTS - 1n) / MICRO_LAMPORTS;
}
