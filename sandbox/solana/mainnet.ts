import { address } from '@solana/kit';

/** What the real Solana is known by, so that a payer needs no setting of its own for the sandbox. */
export const GENESIS_HASH = '5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d';
/** CAIP-2: the first 32 characters of the genesis hash. */
export const SOLANA_NETWORK = 'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp';
export const SOLANA_USDC = address('EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v');
export const USDC_DECIMALS = 6;

/** Another dollar with six decimals, for offers that ask for the wrong one. */
export const SOLANA_USDT = address('Es9vMFrzaCERmJfrF4H2FYD4KCoNkY11McCe8BenwNYB');
export const SOLANA_DEVNET = 'solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1';
export const DEVNET_USDC = address('4zMMC9srt5Ri5X14GAgXhaHii3GnPAEERYPJgZJDncDU');

export const TOKEN_PROGRAM = address('TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA');
export const ASSOCIATED_TOKEN_PROGRAM = address('ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL');
export const COMPUTE_BUDGET_PROGRAM = address('ComputeBudget111111111111111111111111111111');
export const SYSTEM_PROGRAM = address('11111111111111111111111111111111');

/** Where sales go in the sandbox, and where they must never go: points of the curve, and plainly nobody's. */
export const SOLANA_TREASURY = address('SandboxTreasury1111111111111111111111111111');
export const SOLANA_FOREIGN_PAYEE = address('SandboxForeignPayee111111111111111111111111');

/** A transaction is processed while its blockhash is at most this many blocks behind the newest one. */
export const MAX_BLOCKHASH_AGE_BLOCKS = 150;
/** A block is final when this many are on top of it. */
export const FINALITY_BLOCKS = 32;
export const SLOTS_IN_EPOCH = 432_000;
