// overseer: the command line of an operator. `overseer <noun> <verb> [NAME]`.
import { CommanderError } from 'commander';
import { visible } from '#clients/sdk/terminal-text.ts';
import { EXIT, told } from './failure.ts';
import { overseerProgram } from './program.ts';
import { interrupt } from './session.ts';

const program = overseerProgram();

/** Commander's own refusals are usage; asking for help is none. */
function exitCodeOf(error: CommanderError): number {
  return error.exitCode === 0 || error.code === 'commander.help' ? error.exitCode : EXIT.usage;
}

let interrupted = false;
process.on('SIGINT', () => {
  // Whoever presses it twice means it.
  if (interrupted) process.exit(EXIT.interrupted);
  interrupted = true;
  interrupt();
});
// `overseer node ls | head`.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : EXIT.failed));

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = exitCodeOf(error);
  } else {
    const { exitCode, lines } = interrupted
      ? { ...told(error, false), exitCode: EXIT.interrupted }
      : told(error, program.opts()['debug'] === true);
    for (const line of lines) process.stderr.write(`${line.split('\n').map(visible).join('\n')}\n`);
    process.exitCode = exitCode;
  }
}
// A reader that is slower than we are has not got all of it yet, and would not get it any more.
await new Promise((resolve) => process.stdout.write('', resolve));
// Connections kept alive for a next call would hold the process for seconds.
process.exit();
