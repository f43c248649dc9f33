import { Command } from 'commander';
import { BOOKS, explained, type Explanation } from './explained.js';
import { act, type Act, acting } from './operator-act.js';

const PAUSE: Explanation = {
  notes: [
    'It holds for every proxy on the ledger, over restarts and days. A file called PAUSE in the directory of the ledger does the same for the proxies of this machine, without this program, for as long as it is there.',
  ],
  settings: BOOKS.settings,
  files: [...BOOKS.files, '~/.openclaw/blockrun-proxy/PAUSE'],
  examples: [['pause --reason "looking at yesterday"', 'nothing is paid from now on']],
  seeAlso: ['resume', 'budget'],
};
const RESUME: Explanation = {
  notes: ['It ends the pauses of operators and those after an overrun. It leaves the file PAUSE where it is: remove that by hand.'],
  ...BOOKS,
  examples: [['resume --reason "looked: all is well"', 'paying goes on']],
  seeAlso: ['pause', 'doctor'],
};

export function pauseCommand(): Command {
  return explained(acting(new Command('pause')), PAUSE)
    .description('pay nothing any more until "resume"; what is signed already ends as it does')
    .action((options: Act) => act((control) => control.stop(options.reason), options));
}

export function resumeCommand(): Command {
  return explained(acting(new Command('resume')), RESUME)
    .description('end every pause, after you have looked')
    .action((options: Act) => act((control) => control.resume(options.reason), options));
}
