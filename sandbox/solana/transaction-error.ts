/** How JSON-RPC writes a TransactionError: a name, or an object with the name as its only key. */
export type TransactionError = string | { readonly [name: string]: unknown };

const INSTRUCTION_ERROR = /^InstructionError\((\d+), (\w+)(?:\((.*)\))?\)$/s;
const WITH_INDEX = /^(\w+)(?:\((\d+)\)| \{ account_index: (\d+) \})$/;

/** Reads the form in which Rust prints an error, such as `InstructionError(2, Custom(1))`. */
export function readTransactionError(printed: string): TransactionError {
  const instruction = INSTRUCTION_ERROR.exec(printed);
  if (instruction !== null) {
    const [, index, name = '', detail] = instruction;
    return { InstructionError: [Number(index), detail === undefined ? name : { [name]: readDetail(detail) }] };
  }
  const indexed = WITH_INDEX.exec(printed);
  if (indexed === null) return printed;
  const [, name = '', index, accountIndex] = indexed;
  return { [name]: index === undefined ? { account_index: Number(accountIndex) } : Number(index) };
}

/** Whether such a transaction is put into a block all the same, and its fee taken. */
export function isInBlock(error: TransactionError): boolean {
  return typeof error === 'object' && ('InstructionError' in error || 'InsufficientFundsForRent' in error);
}

/** The words of the node for it. */
export function describeError(error: TransactionError): string {
  if (typeof error === 'string') return TEXTS[error] ?? error;
  const [index, detail] = (error['InstructionError'] ?? []) as [number?, unknown?];
  if (index === undefined) return JSON.stringify(error);
  const code = (detail as { Custom?: number } | undefined)?.Custom;
  const text = code === undefined ? JSON.stringify(detail).replaceAll('"', '') : `custom program error: 0x${code.toString(16)}`;
  return `Error processing Instruction ${index}: ${text}`;
}

const TEXTS: Readonly<Record<string, string>> = {
  BlockhashNotFound: 'Blockhash not found',
  AlreadyProcessed: 'This transaction has already been processed',
  AccountNotFound: 'Attempt to debit an account but found no record of a prior credit.',
  InsufficientFundsForFee: 'Insufficient funds for fee',
  SignatureFailure: 'Transaction did not pass signature verification',
};

function readDetail(detail: string): unknown {
  return /^\d+$/.test(detail) ? Number(detail) : detail.replace(/^"(.*)"$/s, '$1');
}
