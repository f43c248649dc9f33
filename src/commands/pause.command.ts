import { Command } from 'commander';
import { act, type Act, acting } from './operator-act.js';

const ALSO = `
It holds for every proxy on the ledger, over restarts and days. A file called PAUSE in the directory of the ledger does the same for the
proxies of this machine, without this program, for as long as it is there.`;

export function pauseCommand(): Command {
  return acting(new Command('pause'))
    .description('pay nothing any more until "resume"; what is signed already ends as it does')
    .addHelpText('after', ALSO)
    .action((options: Act) => act((control) => control.stop(options.reason), options));
}

export function resumeCommand(): Command {
  return acting(new Command('resume'))
    .description('end every pause, after you have looked')
    .action((options: Act) => act((control) => control.resume(options.reason), options));
}
