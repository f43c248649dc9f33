import type { Command } from 'commander';
import type { SpendingControl } from '../ledger/spending-control.js';
import { plainSentence } from './arguments.js';

export interface Shown {
  json?: true;
}
export interface Act extends Shown {
  reason: string;
}

/** A command by which an operator changes what may be spent. */
export function acting(command: Command): Command {
  return command.requiredOption('--reason <text>', 'why; it goes into the audit', plainSentence).option('--json', 'as JSON');
}

/** Imported late: whoever asks for help, or for what there is not, need not wait for the books. */
export async function act(work: (control: SpendingControl) => Promise<unknown>, { json }: Shown): Promise<void> {
  const { actOnBudget } = await import('./act-on-budget.js');
  await actOnBudget(work, { asJson: json ?? false });
}
