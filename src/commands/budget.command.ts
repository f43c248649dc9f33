import { Command, InvalidArgumentError } from 'commander';
import { type MicroUsd, parseUsd } from '../money/micro-usd.js';
import { BOOKS, explained, type Explanation } from './explained.js';
import { act, type Act, acting, type Shown } from './operator-act.js';

const ABOUT: Explanation = {
  notes: ['Held is what calls in flight have set aside; unresolved payments are part of it. The day is the UTC day.'],
  settings: ['BLOCKRUN_DAILY_BUDGET_USD', ...BOOKS.settings],
  files: BOOKS.files,
  examples: [
    ['budget', 'today'],
    ['budget --json', 'for a program, amounts as decimal strings'],
  ],
  seeAlso: ['report', 'budget raise', 'pause'],
};
const RAISE: Explanation = {
  notes: [
    'It holds for every proxy on the ledger, from the next request on, until the UTC day ends. BLOCKRUN_DAILY_BUDGET_USD changes every day.',
  ],
  ...BOOKS,
  examples: [['budget raise 0.50 --reason "a long refactoring"', 'half a dollar more, today']],
  seeAlso: ['budget', 'budget reset'],
};
const RESET: Explanation = {
  ...BOOKS,
  examples: [['budget reset --reason "the loop of this morning is mended"', 'the whole cap is there again']],
  seeAlso: ['budget', 'budget raise'],
};
const ACCEPT_CLOCK: Explanation = {
  notes: ['The proxy pays nothing while its ledger knows a day later than the clock says. Look at the clock before.'],
  ...BOOKS,
  examples: [['budget accept-clock --reason "the battery was changed, NTP is on"', 'after the clock had been in the future']],
  seeAlso: ['doctor'],
};

export function budgetCommand(): Command {
  const budget = explained(new Command('budget'), ABOUT).description("today's cap, what of it is spent, held and left");
  budget.enablePositionalOptions(); // so that --json after an act is the act's
  budget.option('--json', 'as JSON').action((options: Shown) => act(() => Promise.resolve(), options));
  explained(acting(budget.command('raise')), RAISE)
    .description("add to today's allowance, for today only")
    .argument('<usd>', 'how much, such as 0.50', amount)
    .action((usd: MicroUsd, options: Act) => act((control) => control.raise(usd, options.reason), options));
  explained(acting(budget.command('reset')), RESET)
    .description("begin today's allowance anew: what was spent today is added to it, and stays on record")
    .action((options: Act) => act((control) => control.reset(options.reason), options));
  explained(acting(budget.command('accept-clock')), ACCEPT_CLOCK)
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
