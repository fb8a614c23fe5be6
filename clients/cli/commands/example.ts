// Each command's help ends with a line that can be typed.
import type { Command } from 'commander';

export function withExample(command: Command, ...lines: readonly string[]): Command {
  const title = lines.length === 1 ? 'Example' : 'Examples';
  return command.addHelpText('after', `\n${title}:\n${lines.map((line) => `  overseer ${line}`).join('\n')}`);
}
