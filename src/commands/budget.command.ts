import { Command, InvalidArgumentError } from 'commander';
import type { SpendingControl } from '../ledger/spending-control.js';
import { type MicroUsd, parseUsd } from '../money/micro-usd.js';
import { plainSentence } from './arguments.js';

interface Shown {
  json?: true;
}
interface Act extends Shown {
  reason: string;
}

export function budgetCommand(): Command {
  const budget = new Command('budget').description("today's cap, what of it is spent, held and left");
  budget.enablePositionalOptions(); // so that --json after an act is the act's
  budget.option('--json', 'as JSON').action((options: Shown) => act(() => Promise.resolve(), options));
  acting(budget, 'raise')
    .description("add to today's allowance, for today only")
    .argument('<usd>', 'how much, such as 0.50', amount)
    .action((usd: MicroUsd, options: Act) => act((control) => control.raise(usd, options.reason), options));
  acting(budget, 'reset')
    .description("begin today's allowance anew: what was spent today is added to it, and stays on record")
    .action((options: Act) => act((control) => control.reset(options.reason), options));
  acting(budget, 'stop')
    .description('place no hold any more until "resume"')
    .action((options: Act) => act((control) => control.stop(options.reason), options));
  acting(budget, 'resume')
    .description('end a stop, after you have looked')
    .action((options: Act) => act((control) => control.resume(options.reason), options));
  acting(budget, 'accept-clock')
    .description("say that today's clock is right, where the ledger has days from a wrong one that lie ahead")
    .action((options: Act) => act((control) => control.acceptClock(options.reason), options));
  return budget;
}

function acting(budget: Command, name: string): Command {
  return budget.command(name).requiredOption('--reason <text>', 'why; it goes into the audit', plainSentence).option('--json', 'as JSON');
}

/** Imported late: whoever asks for help, or for what there is not, need not wait for the books. */
async function act(work: (control: SpendingControl) => Promise<unknown>, { json }: Shown): Promise<void> {
  const { actOnBudget } = await import('./act-on-budget.js');
  await actOnBudget(work, { asJson: json ?? false });
}

function amount(text: string): MicroUsd {
  const usd = parseUsd(text);
  if (usd === undefined || usd <= 0n)
    throw new InvalidArgumentError('It must be a positive amount in USD with at most 6 decimal places, such as 0.50.');
  return usd;
}
