// overseer: the command line of an operator. `overseer <noun> <verb> [NAME]`.
import { Command, CommanderError } from 'commander';
import { visible } from '#clients/sdk/terminal-text.ts';
import { deploymentCommands } from './commands/deployment.ts';
import { historyCommands } from './commands/history.ts';
import { nodeCommands } from './commands/node.ts';
import { secretCommands } from './commands/secret.ts';
import { stackCommands } from './commands/stack.ts';
import { statusCommand } from './commands/status.ts';
import { tokenCommands } from './commands/token.ts';
import { EXIT, told } from './failure.ts';
import { interrupt } from './session.ts';

const program = new Command('overseer')
  .description('One control plane for many Docker hosts')
  .option('--url <url>', 'the core (OVERSEER_URL; this machine unless given)')
  .option('-o, --output <format>', 'table, wide, json, yaml, name or ndjson')
  .option('--json', 'as -o json')
  .option('-q, --quiet', 'ids only')
  .option('--no-headers', 'tables without their first line')
  .option('--debug', 'say more when something fails')
  .showSuggestionAfterError()
  .exitOverride()
  .addHelpText(
    'after',
    '\nExit codes: 0 ok, 1 failed, 2 usage, 3 not found, 4 access, 5 conflict, 6 late, 8 partly failed, 130 stopped',
  );

statusCommand(program);
nodeCommands(program);
stackCommands(program);
secretCommands(program);
deploymentCommands(program);
historyCommands(program);
tokenCommands(program);

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
// Connections kept alive for a next call would hold the process for seconds.
process.exit();
