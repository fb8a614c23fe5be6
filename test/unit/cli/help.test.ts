// Every command's help ends with lines that can be typed; they and those of the guides are commands that there are.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Command } from 'commander';
import { overseerProgram } from '#clients/cli/program.ts';

function leavesOf(command: Command): Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(leavesOf);
}

function pathOf(command: Command): string {
  return command.parent === null ? '' : `${pathOf(command.parent)} ${command.name()}`.trim();
}

function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({ writeOut: (part) => (text += part) });
  command.outputHelp();
  return text;
}

function examplesOf(command: Command): string[] {
  const [, examples = ''] = helpOf(command).split(/\nExamples?:\n/);
  return [...examples.matchAll(/^ {2}overseer (.+)$/gm)].map((match) => match[1] ?? '');
}

/** @throws CommanderError when there is no such command or option, or a value is none */
async function typed(line: string): Promise<string> {
  let ran = '';
  const program = overseerProgram();
  for (const leaf of leavesOf(program)) {
    leaf.exitOverride().configureOutput({ writeErr: () => {}, writeOut: () => {} });
    leaf.action(() => {
      ran = pathOf(leaf);
    });
  }
  const [command = ''] = line.split(/ +(?:#|<|>|\|) ?/);
  await program.parseAsync(command.trim().split(/ +/), { from: 'user' });
  return ran;
}

test('every command shows how it is used', async () => {
  const leaves = leavesOf(overseerProgram());
  assert.ok(leaves.length > 40, `${leaves.length}`);
  for (const leaf of leaves) {
    const path = pathOf(leaf);
    const examples = examplesOf(leaf);
    assert.ok(examples.length > 0, `${path} has no example`);
    for (const example of examples) assert.equal(await typed(example), path, example);
  }
});

/** Lines of code that begin with the CLI, and what stands between backticks in a sentence. */
function commandsIn(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  const blocks = [...text.matchAll(/^```sh\n([\s\S]*?)^```/gm)].map((match) => match[1] ?? '');
  const spans = [...text.replace(/^```[\s\S]*?^```/gm, '').matchAll(/`([^`]+)`/g)].map((match) =>
    (match[1] ?? '').replaceAll('\n', ' '),
  );
  const lines = [...blocks.join('\n').replaceAll('\\\n', ' ').split('\n'), ...spans];
  return lines.flatMap((line) => /^(?:npm run -s )?overseer (?:-- )?(\w.*)$/.exec(line.trim())?.[1] ?? []);
}

/** And how many there are at least: a reader that finds none proves nothing. */
const GUIDES = {
  'README.md': 8,
  'docs/stacks.md': 8,
  'docs/logs.md': 7,
  'docs/readers.md': 4,
  'docs/notifications.md': 6,
};

for (const [file, least] of Object.entries(GUIDES)) {
  test(`what ${file} tells to type is there`, async () => {
    const commands = commandsIn(file);
    assert.ok(commands.length >= least, commands.join('\n'));
    // A command may be named without what it needs.
    const isFault = ({ code }: { code?: string }) => !/missingArgument|helpDisplayed/.test(code ?? '');
    for (const command of commands) {
      await typed(command).catch((error) => assert.ok(!isFault(error), `${command}: ${error.message}`));
    }
  });
}
