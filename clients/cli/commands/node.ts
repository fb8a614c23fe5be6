// overseer node: the managed machines.
import type { Command } from 'commander';
import { bodyOf } from '#clients/sdk/client.ts';
import { visible } from '#clients/sdk/terminal-text.ts';
import { allNodes, nodeNamed } from '../nodes.ts';
import { pair, wholeNumber } from '../options.ts';
import { showList, showOne } from '../output/render.ts';
import { sessionOf } from '../session.ts';
import { withExample } from './example.ts';
import { addNode } from './node-add.ts';
import { projectCommands } from './node-projects.ts';
import { settingCommands } from './node-settings.ts';
import { describe, describeStatus, kind } from './node-view.ts';

export function nodeCommands(program: Command): void {
  const node = program.command('node').alias('nodes').description('managed machines');

  const listing = node
    .command('ls')
    .description('list nodes')
    .action(async (_, command: Command) => {
      const { api, view, note } = sessionOf(command);
      showList(view, kind, await allNodes(api), note);
    });
  withExample(listing, 'node ls -o wide');

  const getting = node
    .command('get <node>')
    .description('one node, by name, id or the beginning of its id')
    .action(async (name, _, command: Command) => {
      const { api, view } = sessionOf(command);
      const found = await nodeNamed(api, name);
      showOne(view, kind, found, () => describe(found));
    });
  withExample(getting, 'node get nas');

  const asking = node
    .command('status <node>')
    .description('what it should run beside what it reported')
    .action(async (name, _, command: Command) => {
      const { api, view } = sessionOf(command);
      const { id } = await nodeNamed(api, name);
      const status = await bodyOf(api.GET('/api/nodes/{id}/status', { params: { path: { id } } }));
      showOne(view, { name: () => `nodes/${status.name}`, id: () => id }, status, () => describeStatus(status));
    });
  withExample(asking, 'node status nas');

  const adding = node
    .command('add')
    .description('print the command that adds a machine, and wait until it is online')
    .option('--name <name>', 'name of the node; its host name unless given')
    .option('--label <key=value>', 'label of the node; may be repeated', pair)
    .option('--uses <count>', 'how many nodes may use it', wholeNumber)
    .option('--ttl <seconds>', 'how long it is valid', wholeNumber)
    .option('--no-wait', 'do not wait for the node')
    .action(async (options, command: Command) => addNode(sessionOf(command), options));
  withExample(adding, 'node add --name nas --label role=edge');

  const removing = node
    .command('rm <node>')
    .description('deregister a node; its containers run on')
    .option('-y, --yes', 'do not ask')
    .action(async (name, options, command: Command) => {
      const { api, view, note, confirm } = sessionOf(command);
      const found = await nodeNamed(api, name);
      await confirm(`Deregister node ${visible(found.name)}?`, found.name, options.yes === true);
      await bodyOf(api.DELETE('/api/nodes/{id}', { params: { path: { id: found.id } } }));
      note(`${found.name} is deregistered; its containers run on until you stop them`);
      showOne(view, kind, found, () => '');
    });
  withExample(removing, 'node rm nas');

  settingCommands(node);
  projectCommands(node);
}
