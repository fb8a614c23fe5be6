// overseer stack: what should run, and where.
import type { Command } from 'commander';
import { bodyOf, everyItem, type Schemas } from '#clients/sdk/client.ts';
import { visible } from '#clients/sdk/terminal-text.ts';
import { nodeNames } from '../nodes.ts';
import { fields } from '../output/fields.ts';
import { type Kind, showList, showOne } from '../output/render.ts';
import { age, imageText, labels, sourceText, targets } from '../output/words.ts';
import { sessionOf } from '../session.ts';
import { withExample } from './example.ts';
import { actionCommands } from './stack-actions.ts';
import { deployCommands } from './stack-deploy.ts';
import { driftCommand } from './stack-drift.ts';
import { revisionCommands } from './stack-history.ts';
import { sourceCommands } from './stack-source.ts';
import { followed, waitingOptions } from './waiting.ts';

type Stack = Schemas['Stack'];
type NameOf = (node: string) => string;

function onNodes({ nodes }: Stack): string {
  return nodes.length === 0 ? '-' : `${nodes.filter(({ phase }) => phase === 'running').length}/${nodes.length}`;
}

function driftOf({ nodes }: Stack): string {
  const count = nodes.reduce((sum, { drift }) => sum + drift.length, 0);
  return count === 0 ? '-' : String(count);
}

const kind: Kind<Stack> = {
  name: ({ name }) => `stacks/${name}`,
  id: ({ name }) => name,
  none: 'No stacks yet. Run one: overseer stack deploy NAME -f compose.yaml --node NODE',
  columns: [
    { title: 'NAME', of: ({ name }) => name },
    { title: 'REVISION', of: ({ revision }) => String(revision) },
    { title: 'STATE', of: ({ state }) => state },
    { title: 'RUNNING', of: onNodes },
    { title: 'DRIFT', of: driftOf },
    { title: 'TARGETS', of: (stack) => targets(stack.targets) },
    { title: 'CHANGED', of: ({ updatedAt }) => age(updatedAt, Date.now()) },
    { title: 'DEPLOYMENT', of: ({ deployment }) => deployment ?? '-', wide: true },
  ],
};

function standsOn({ nodes, stoppedNodes }: Stack, nameOf: NameOf): (readonly [string, string])[] {
  return nodes.map(({ node, phase, reason, drift }) => {
    const parts = [
      reason === null ? phase : `${phase}: ${reason}`,
      ...(drift.length === 0 ? [] : [`${drift.length} changed by hand`]),
      ...(stoppedNodes.includes(node) ? ['stopped here'] : []),
    ];
    return [nameOf(node), parts.join(', ')];
  });
}

function describe(stack: Schemas['StackDetail'], nameOf: NameOf): string {
  const { spec, source, images, stoppedNodes } = stack;
  const away = stoppedNodes.filter((node) => !stack.nodes.some((on) => on.node === node));
  const head = fields([
    ['name', stack.name],
    ['revision', String(stack.revision)],
    ['state', stack.state],
    ['targets', targets(stack.targets)],
    ['selector', labels(stack.targets.selector ?? {})],
    ['deployment', stack.deployment ?? '-'],
    ...(spec.source ? [['from', `${spec.source.repository} ${spec.source.ref}`] as const] : []),
    ...(source ? [['source', sourceText(source)] as const] : []),
    ...(spec.dependsOn?.length ? [['needs', spec.dependsOn.join(', ')] as const] : []),
    ...images.map((image) => [`image of ${image.service}`, imageText(image)] as const),
    ...(away.length > 0 ? [['stopped on', away.map(nameOf).join(', ')] as const] : []),
    ...standsOn(stack, nameOf),
  ]);
  return `${head}\n${stack.compose.split('\n').map(visible).join('\n')}`;
}

export function stackCommands(program: Command): void {
  const stack = program.command('stack').alias('stacks').description('what should run, and where');

  const listing = stack
    .command('ls')
    .description('list stacks')
    .action(async (_, command: Command) => {
      const { api, view, note } = sessionOf(command);
      const items = await everyItem((cursor) =>
        bodyOf(api.GET('/api/stacks', { params: { query: { limit: 1000, ...(cursor === null ? {} : { cursor }) } } })),
      );
      showList(view, kind, items, note);
    });
  withExample(listing, 'stack ls -o wide');

  const getting = stack
    .command('get <name>')
    .description('one stack with its specification')
    .action(async (name, _, command: Command) => {
      const { api, view } = sessionOf(command);
      const found = await bodyOf(api.GET('/api/stacks/{name}', { params: { path: { name } } }));
      const nameOf = await nodeNames(api, [...found.nodes.map(({ node }) => node), ...found.stoppedNodes]);
      showOne(view, kind, found, () => describe(found, nameOf));
    });
  withExample(getting, 'stack get web', 'stack get web -o yaml');

  deployCommands(stack);
  revisionCommands(stack);
  actionCommands(stack);
  sourceCommands(stack);
  driftCommand(stack);

  const removing = stack
    .command('rm <name>')
    .description('take a stack away from all its nodes')
    .option('--volumes', 'its named volumes too')
    .option('-y, --yes', 'do not ask')
    .action(async (name, options, command: Command) => {
      const session = sessionOf(command);
      const { api } = session;
      const found = await bodyOf(api.GET('/api/stacks/{name}', { params: { path: { name } } }));
      const volumes = options.volumes === true;
      const what = `Remove stack ${found.name}${volumes ? ' AND ITS VOLUMES' : ''} from ${found.nodes.length} nodes?`;
      await session.confirm(what, found.name, options.yes === true);
      const query = volumes ? { volumes: 'true' as const } : {};
      const { deployment } = await bodyOf(api.DELETE('/api/stacks/{name}', { params: { path: { name }, query } }));
      await followed(session, deployment, options);
    });
  withExample(waitingOptions(removing), 'stack rm web', 'stack rm web --volumes -y');
}
