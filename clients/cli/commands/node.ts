// overseer node: the managed machines.
import type { Command } from 'commander';
import { bodyOf, type Schemas } from '#clients/sdk/client.ts';
import { visible } from '#clients/sdk/terminal-text.ts';
import { allNodes, type Node, nodeNamed } from '../nodes.ts';
import { pair, wholeNumber } from '../options.ts';
import { fields } from '../output/fields.ts';
import { type Kind, showList, showOne } from '../output/render.ts';
import { table } from '../output/table.ts';
import { age, labels, short } from '../output/words.ts';
import { sessionOf } from '../session.ts';
import { withExample } from './example.ts';
import { addNode } from './node-add.ts';
import { projectCommands } from './node-projects.ts';

const kind: Kind<Node> = {
  name: ({ name }) => `nodes/${name}`,
  id: ({ id }) => id,
  none: 'No nodes yet. Add one: overseer node add',
  columns: [
    { title: 'NAME', of: ({ name }) => name },
    { title: 'ID', of: ({ id }) => short(id) },
    { title: 'STATE', of: (node) => stateOf(node) },
    { title: 'SEEN', of: ({ lastSeenAt }) => age(lastSeenAt, Date.now()) },
    { title: 'VERSION', of: ({ agentVersion }) => agentVersion ?? '-' },
    { title: 'LABELS', of: (node) => labels(node.labels) },
    { title: 'DOCKER', of: ({ facts }) => facts?.dockerVersion ?? '-', wide: true },
    { title: 'SYSTEM', of: ({ facts }) => (facts ? `${facts.os} ${facts.arch}` : '-'), wide: true },
    { title: 'CPUS', of: ({ facts }) => String(facts?.cpus ?? '-'), wide: true },
    { title: 'HOST', of: ({ facts }) => facts?.hostname ?? '-', wide: true },
  ],
};

function stateOf({ liveness, paused, drained }: Node): string {
  return [liveness, ...(paused ? ['paused'] : []), ...(drained ? ['drained'] : [])].join(',');
}

function describe(node: Node): string {
  const { facts } = node;
  return fields([
    ['name', node.name],
    ['id', node.id],
    ['state', stateOf(node)],
    ['seen', `${age(node.lastSeenAt, Date.now())} ago`],
    ['labels', labels(node.labels)],
    ['agent', node.agentVersion ?? '-'],
    ['credential', node.credentialExpiresAt === null ? '-' : `until ${node.credentialExpiresAt}`],
    ['system', facts ? `${facts.os} ${facts.arch}, kernel ${facts.kernel}, ${facts.cpus} CPUs` : '-'],
    ['docker', facts?.dockerVersion ?? '-'],
  ]);
}

function describeStatus(status: Schemas['NodeStatus']): string {
  const { desired, observedGeneration, heartbeatAgeSeconds } = status;
  const head = fields([
    ['name', status.name],
    ['liveness', status.liveness],
    ['heartbeat', heartbeatAgeSeconds === null ? '-' : `${heartbeatAgeSeconds.toFixed(0)} s ago`],
    ['generation', `${observedGeneration ?? '-'} of ${desired?.generation ?? '-'}`],
    ...status.conditions.filter(({ status: holds }) => holds).map(({ type, reason }) => [type, reason] as const),
  ]);
  type Row = {
    stack: (typeof status.stacks)[number];
    service: (typeof status.stacks)[number]['services'][number] | null;
  };
  const rows = status.stacks.flatMap((stack): Row[] =>
    stack.services.length === 0 ? [{ stack, service: null }] : stack.services.map((service) => ({ stack, service })),
  );
  if (rows.length === 0) return head;
  const body = table(
    [
      { title: 'STACK', of: ({ stack }) => stack.name },
      { title: 'REVISION', of: ({ stack }) => `${stack.observedRevision ?? '-'}/${stack.desiredRevision ?? '-'}` },
      { title: 'PHASE', of: ({ stack }) => stack.phase },
      { title: 'SERVICE', of: ({ service }) => service?.name ?? '-' },
      { title: 'CONTAINER', of: ({ service }) => service?.state ?? '-' },
      { title: 'HEALTH', of: ({ service }) => service?.health ?? '-' },
      { title: 'RESTARTS', of: ({ service }) => String(service?.restarts ?? '-') },
    ],
    rows,
    { headers: true, wide: false, width: null },
  );
  return `${head}\n${body}`;
}

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

  const labelling = node
    .command('label <node> [labels...]')
    .description('set labels (key=value) and take them away (key-)')
    .action(async (name: string, changes: string[], _, command: Command) => {
      const { api, view } = sessionOf(command);
      const found = await nodeNamed(api, name);
      const gone = changes.filter((change) => change.endsWith('-') && !change.includes('='));
      const set = changes.filter((change) => !gone.includes(change)).reduce((all, change) => pair(change, all), {});
      const kept = Object.entries(found.labels).filter(([key]) => !gone.includes(`${key}-`));
      const body = { labels: { ...Object.fromEntries(kept), ...set } };
      const changed = await bodyOf(api.PUT('/api/nodes/{id}/config', { params: { path: { id: found.id } }, body }));
      showOne(view, kind, changed, () => `${visible(changed.name)}  ${visible(labels(changed.labels))}\n`);
    });
  withExample(labelling, 'node label nas role=edge site-');

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

  projectCommands(node);
}
