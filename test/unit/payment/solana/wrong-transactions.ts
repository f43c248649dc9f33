import { AccountRole, address, type KeyPairSigner } from '@solana/kit';
import { OTHER_SOLANA_PAYEE } from '../../../support/solana-offers.js';
import {
  COMPUTE_BUDGET,
  instruction,
  MEMO_PROGRAM,
  TOKEN_PROGRAM,
  tokenAccount,
  transferInstruction,
  type Written,
} from '../../../support/solana-transactions.js';

const OTHER_MINT = 'Es9vMFrzaCERmJfrF4H2FYD4KCoNkY11McCe8BenwNYB';
const SYSTEM_PROGRAM = address('11111111111111111111111111111111');

type Change = (usual: Written, stranger: KeyPairSigner) => Partial<Written> | Promise<Partial<Written>>;

/** What is signed in place of the offer, and by which word the refusal names it. */
export const WRONG_TRANSACTIONS: [what: string, changes: Change, fault: string][] = [
  ['another amount', () => ({ amount: 1001n }), 'amount'],
  ['less', () => ({ amount: 999n }), 'amount'],
  ['another payee', () => ({ payee: OTHER_SOLANA_PAYEE }), 'payee'],
  [
    'the account of somebody else',
    async (written, stranger) => {
      const transfer = await transferInstruction(written);
      const [, ...others] = transfer.accounts ?? [];
      const source = { address: await tokenAccount(stranger.address), role: AccountRole.WRITABLE };
      return { instructions: () => [{ ...transfer, accounts: [source, ...others] }] };
    },
    'source',
  ],
  ['addresses from a table on the chain', ({ payee }) => ({ table: { [address(OTHER_SOLANA_PAYEE)]: [payee] } }), 'transaction'],
  ['another token', () => ({ mint: OTHER_MINT }), 'mint'],
  ['another fee payer', () => ({ feePayer: OTHER_SOLANA_PAYEE }), 'fee payer'],
  ['the wallet as fee payer', ({ signer }) => ({ feePayer: signer.address }), 'fee payer'],
  ['another blockhash', () => ({ blockhash: OTHER_SOLANA_PAYEE }), 'blockhash'],
  ['another wallet', (_usual, stranger) => ({ signer: stranger }), 'authority'],
  ['nothing', () => ({ instructions: ({ limit, price }) => [limit, price] }), 'instructions'],
  ['two transfers', () => ({ instructions: ({ transfer }) => [transfer, transfer] }), 'instructions'],
  [
    'a second transfer to somebody else',
    async (written) => {
      const other = await transferInstruction({ ...written, payee: OTHER_SOLANA_PAYEE, amount: 1n });
      return { instructions: ({ transfer }) => [transfer, other] };
    },
    'instructions',
  ],
  [
    'a transfer without a check of the mint',
    async (written) => {
      const plain = await transferInstruction(written, { tag: 3 });
      return { instructions: () => [plain] };
    },
    'instructions',
  ],
  [
    'an approval',
    async (written) => {
      const approval = await transferInstruction(written, { tag: 13 });
      return { instructions: () => [approval] };
    },
    'instructions',
  ],
  [
    'other decimals',
    async (written) => {
      const other = await transferInstruction(written, { decimals: 9 });
      return { instructions: () => [other] };
    },
    'instructions',
  ],
  [
    'a durable nonce, with which it would never end',
    ({ signer }) => {
      const advance = instruction(
        SYSTEM_PROGRAM,
        [4, 0, 0, 0],
        [
          { address: address(OTHER_SOLANA_PAYEE), role: AccountRole.WRITABLE },
          { address: signer.address, role: AccountRole.READONLY_SIGNER },
        ],
      );
      return { instructions: ({ transfer }) => [advance, transfer] };
    },
    'instructions',
  ],
  [
    'a transfer of SOL beside it',
    ({ signer }) => {
      const lamports = instruction(
        SYSTEM_PROGRAM,
        [2, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0],
        [
          { address: signer.address, role: AccountRole.WRITABLE_SIGNER },
          { address: address(OTHER_SOLANA_PAYEE), role: AccountRole.WRITABLE },
        ],
      );
      return { instructions: ({ transfer }) => [transfer, lamports] };
    },
    'instructions',
  ],
  [
    'an unknown program',
    () => ({ instructions: ({ transfer }) => [transfer, instruction(address(OTHER_SOLANA_PAYEE), [0])] }),
    'instructions',
  ],
  [
    'another instruction of the compute budget',
    () => ({ instructions: ({ transfer }) => [instruction(COMPUTE_BUDGET, [1, 0, 0, 0, 0]), transfer] }),
    'instructions',
  ],
  [
    'a memo that the wallet signs',
    ({ signer }) => {
      const memo = instruction(MEMO_PROGRAM, [65], [{ address: signer.address, role: AccountRole.READONLY_SIGNER }]);
      return { instructions: ({ transfer }) => [transfer, memo] };
    },
    'instructions',
  ],
  [
    'a third account that has to sign',
    (_usual, stranger) => {
      const memo = instruction(MEMO_PROGRAM, [65], [{ address: stranger.address, role: AccountRole.READONLY_SIGNER }]);
      return { instructions: ({ transfer }) => [transfer, memo] };
    },
    'signers',
  ],
  [
    'a closing of the account',
    async (written) => {
      const { accounts = [] } = await transferInstruction(written);
      const close = instruction(TOKEN_PROGRAM, [9], accounts);
      return { instructions: ({ transfer }) => [transfer, close] };
    },
    'instructions',
  ],
];
