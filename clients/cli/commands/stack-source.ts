// overseer stack sync, webhook, drift: where a stack comes from, and what became of it by hand.
import type { Command } from 'commander';
import { bodyOf, type Schemas } from '#clients/sdk/client.ts';
import { nodeNames } from '../nodes.ts';
import { fields } from '../output/fields.ts';
import { type Kind, showList, showOne } from '../output/render.ts';
import { imageText, sourceText } from '../output/words.ts';
import { sessionOf } from '../session.ts';
import { withExample } from './example.ts';
import { told, waitingOptions } from './waiting.ts';

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

export function sourceCommands(stack: Command): void {
  const looking = stack
    .command('sync <name>')
    .description('look at its git source and registries now; deploys what moved as its policies say')
    .action(async (name, options, command: Command) => {
      const session = sessionOf(command);
      const answer = await bodyOf(session.api.POST('/api/stacks/{name}/sync', { params: { path: { name } } }));
      if (answer.source) session.note(`source: ${sourceText(answer.source)}`);
      for (const image of answer.images) session.note(`${image.service}: ${imageText(image)}`);
      await told(session, answer, 'nothing has moved', options);
    });
  withExample(waitingOptions(looking), 'stack sync web');

  const webhook = stack
    .command('webhook <name>')
    .description('the address and secret to give a forge')
    .action(async (name, _, command: Command) => {
      const { api, view } = sessionOf(command);
      const found = await bodyOf(api.GET('/api/stacks/{name}/webhook', { params: { path: { name } } }));
      const text = () =>
        fields([
          ['url', found.url],
          ['secret', found.secret],
          ['type', 'application/json; GitHub, Gitea, Forgejo: as secret, GitLab: as token'],
        ]);
      showOne(view, { name: () => `stacks/${name}`, id: () => found.url }, found, text);
    });
  withExample(webhook, 'stack webhook web');

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
