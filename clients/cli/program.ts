// The commands of overseer, with what they have in common.
import { Command } from 'commander';
import { auditCommands } from './commands/audit.ts';
import { deploymentCommands } from './commands/deployment.ts';
import { historyCommands } from './commands/history.ts';
import { logCommands } from './commands/logs.ts';
import { nodeCommands } from './commands/node.ts';
import { notificationCommands } from './commands/notification.ts';
import { readerCommands } from './commands/reader.ts';
import { secretCommands } from './commands/secret.ts';
import { stackCommands } from './commands/stack.ts';
import { statusCommand } from './commands/status.ts';
import { tokenCommands } from './commands/token.ts';

export function overseerProgram(): Command {
  const program = new Command('overseer')
    .description('One control plane for many Docker hosts')
    .option('--url <url>', 'the core (OVERSEER_URL; this machine unless given)')
    .option('-o, --output <format>', 'table (or text), wide, json, yaml, name or ndjson')
    .option('--json', 'as -o json')
    .option('-q, --quiet', 'ids only')
    .option('--no-headers', 'tables without their first line')
    .option('--debug', 'say more when something fails')
    .showSuggestionAfterError()
    .exitOverride()
    .addHelpText(
      'after',
      '\nExit codes: 0 ok, 1 failed, 2 usage, 3 not found, 4 access, 5 conflict, 6 late, 7 audit not as written, 8 partly failed, 130 stopped',
    );

  statusCommand(program);
  nodeCommands(program);
  stackCommands(program);
  secretCommands(program);
  deploymentCommands(program);
  logCommands(program);
  historyCommands(program);
  readerCommands(program);
  notificationCommands(program);
  auditCommands(program);
  tokenCommands(program);
  return program;
}
