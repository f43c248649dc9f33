import { Command } from 'commander';

const NOTES = `
It changes nothing, signs nothing and pays nothing: the seller is asked once what a tiny request costs. Run it as the user of the proxy and with
the proxy's settings, while that runs or not. Exit code 1 when a line says "fail".`;

export function doctorCommand(): Command {
  return new Command('doctor')
    .description('look at everything that has to be right, and say what to do about what is not')
    .option('--json', 'as JSON')
    .addHelpText('after', NOTES)
    .action(async ({ json }: { json?: true }) => {
      const { diagnose } = await import('./diagnose.js');
      await diagnose({ asJson: json ?? false });
    });
}
