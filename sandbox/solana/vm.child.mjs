/**
 * The Solana VM, in a process of its own: what it is given runs on LiteSVM and what comes out is sent back; nothing is kept.
 *
 * It is not in the sandbox's own process because the VM's just-in-time code leaves the processor's x87 registers in use, after which V8
 * computes wrong numbers, and aborts at a later garbage collection. Here that hurts nobody: the young generation is made so large that
 * none comes before the parent replaces this process.
 */
import { FailedTransactionMetadata, Clock, LiteSVM } from 'litesvm';
import { getTransactionDecoder, lamports } from '@solana/kit';

const vm = new LiteSVM().withBlockhashCheck(false).withTransactionHistory(0n);
const decoder = getTransactionDecoder();

/** Sets the given accounts, runs the transaction, and tells how it ended and what the accounts are then. */
function run({ transaction, accounts, slot, unixSeconds, isVerified }) {
  vm.withSigverify(isVerified);
  const { epochStartTimestamp, epoch, leaderScheduleEpoch } = vm.getClock();
  vm.setClock(new Clock(slot, epochStartTimestamp, epoch, leaderScheduleEpoch, unixSeconds));
  for (const account of accounts) {
    vm.setAccount({ ...account, lamports: lamports(account.lamports), space: BigInt(account.data.length) });
  }
  const outcome = vm.sendTransaction(decoder.decode(transaction));
  const isFailed = outcome instanceof FailedTransactionMetadata;
  const meta = isFailed ? outcome.meta() : outcome;
  return {
    // Only its printed form tells every kind of error by its name.
    error: isFailed ? /\{ err: (.*?), meta: TransactionMetadata \{/s.exec(outcome.toString())?.[1] : undefined,
    logs: meta.logs(),
    unitsConsumed: meta.computeUnitsConsumed(),
    accounts: accounts.map(({ address }) => accountAt(address)).filter((account) => account !== undefined),
  };
}

function accountAt(address) {
  const account = vm.getAccount(address);
  if (!account.exists) return undefined;
  const { lamports: balance, data, programAddress, executable } = account;
  return { address, lamports: BigInt(balance), data: Uint8Array.from(data), programAddress, executable };
}

process.on('message', ({ id, request }) => {
  try {
    process.send({ id, result: run(request) });
  } catch (error) {
    process.send({ id, fault: error instanceof Error ? error.message : String(error) });
  }
});
process.on('disconnect', () => process.exit());
