// overseer stack drift: what became of a stack by hand.
import type { Command } from 'commander';
import { bodyOf, type Schemas } from '#clients/sdk/client.ts';
import { nodeNames } from '../nodes.ts';
import { type Kind, showList } from '../output/render.ts';
import { sessionOf } from '../session.ts';
import { withExample } from './example.ts';

type Item = Schemas['Stack']['nodes'][number]['drift'][number] & { readonly node: string; readonly nodeName: string };

const kind: Kind<Item> = {
  name: ({ nodeName, service, subject }) => [`nodes/${nodeName}`, service ?? subject ?? 'stack'].join('/'),
  id: ({ node }) => node,
  none: 'No drift: every node has what was applied there.',
  columns: [
    { title: 'NODE', of: ({ nodeName }) => nodeName },
    { title: 'KIND', of: ({ kind: what }) => what },
    { title: 'SERVICE', of: ({ service }) => service ?? '-' },
    { title: 'WHAT', of: ({ subject, container }) => subject ?? container ?? '-' },
    { title: 'EXPECTED', of: ({ expected }) => expected ?? '-' },
    { title: 'ACTUAL', of: ({ actual }) => actual ?? '-' },
    { title: 'CONTAINER', of: ({ container }) => container ?? '-', wide: true },
  ],
};

export function driftCommand(stack: Command): void {
  const drift = stack
    .command('drift <name>')
    .description('what was changed by hand on its nodes')
    .action(async (name, _, command: Command) => {
      const { api, view, note } = sessionOf(command);
      const { nodes } = await bodyOf(api.GET('/api/stacks/{name}', { params: { path: { name } } }));
      const nameOf = await nodeNames(
        api,
        nodes.map(({ node }) => node),
      );
      const items = nodes.flatMap(({ node, drift: found }) =>
        found.map((item) => ({ node, nodeName: nameOf(node), ...item })),
      );
      showList(view, kind, items, note);
    });
  withExample(drift, 'stack drift web', 'stack drift web -o json');
}
