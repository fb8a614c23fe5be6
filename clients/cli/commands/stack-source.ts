// overseer stack sync, webhook: where a stack comes from.
import type { Command } from 'commander';
import { bodyOf } from '#clients/sdk/client.ts';
import { fields } from '../output/fields.ts';
import { showOne } from '../output/render.ts';
import { imageText, sourceText } from '../output/words.ts';
import { sessionOf } from '../session.ts';
import { withExample } from './example.ts';
import { told, waitingOptions } from './waiting.ts';

export function sourceCommands(stack: Command): void {
  const looking = stack
    .command('sync <name>')
    .description('look at its git source and registries now; deploys what moved as its policies say')
    .action(async (name, options, command: Command) => {
      const session = sessionOf(command);
      const answer = await bodyOf(session.api.POST('/api/stacks/{name}/sync', { params: { path: { name } } }));
      if (answer.source) session.note(`source: ${sourceText(answer.source)}`);
      for (const image of answer.images) session.note(`${image.service}: ${imageText(image)}`);
      await told(session, answer, answer.reason ?? 'nothing has moved', options);
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
}
