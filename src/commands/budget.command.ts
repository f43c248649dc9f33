import { Command, InvalidArgumentError } from 'commander';
import { type MicroUsd, parseUsd } from '../money/micro-usd.js';
import { act, type Act, acting, type Shown } from './operator-act.js';

export function budgetCommand(): Command {
  const budget = new Command('budget').description("today's cap, what of it is spent, held and left");
  budget.enablePositionalOptions(); // so that --json after an act is the act's
  budget.option('--json', 'as JSON').action((options: Shown) => act(() => Promise.resolve(), options));
  acting(budget.command('raise'))
    .description("add to today's allowance, for today only")
    .argument('<usd>', 'how much, such as 0.50', amount)
    .action((usd: MicroUsd, options: Act) => act((control) => control.raise(usd, options.reason), options));
  acting(budget.command('reset'))
    .description("begin today's allowance anew: what was spent today is added to it, and stays on record")
    .action((options: Act) => act((control) => control.reset(options.reason), options));
  acting(budget.command('accept-clock'))
    .description("say that today's clock is right, where the ledger has days from a wrong one that lie ahead")
    .action((options: Act) => act((control) => control.acceptClock(options.reason), options));
  return budget;
}

function amount(text: string): MicroUsd {
  const usd = parseUsd(text);
  if (usd === undefined || usd <= 0n)
    throw new InvalidArgumentError('It must be a positive amount in USD with at most 6 decimal places, such as 0.50.');
  return usd;
}
