import type { MicroUsd } from '../money/micro-usd.js';

/** A client that the operator has named: how it is recognised, and its own limits; what is undefined is not limited. */
export interface Client {
  name: string;
  /** SHA-256 of its bearer token. */
  tokenDigest?: Buffer | undefined;
  /** Values of its session header; one that ends in `*` stands for all that begin so. */
  sessions: readonly string[];
  /** Whoever is nobody else is this one. */
  isDefault: boolean;
  dailyCapMicroUsd?: MicroUsd | undefined;
  maxPerMinuteMicroUsd?: MicroUsd | undefined;
  maxRequestsPerMinute?: bigint | undefined;
}
