// overseer token: rights to add nodes.
import type { Command } from 'commander';
import { bodyOf, type Schemas } from '#clients/sdk/client.ts';
import { EXIT, Failure } from '../failure.ts';
import { pair, wholeNumber } from '../options.ts';
import { type Kind, showList, showOne } from '../output/render.ts';
import { labels, short } from '../output/words.ts';
import { sessionOf } from '../session.ts';
import { withExample } from './example.ts';

type Token = Schemas['EnrollmentToken'];

function stateOf({ revokedAt, expiresAt, used, uses }: Token): string {
  if (revokedAt !== null) return 'revoked';
  if (used >= uses) return 'used';
  return Date.parse(expiresAt) <= Date.now() ? 'expired' : 'valid';
}

const kind: Kind<Token> = {
  name: ({ id }) => `enrollment-tokens/${id}`,
  id: ({ id }) => id,
  none: 'No enrollment tokens.',
  columns: [
    { title: 'ID', of: ({ id }) => short(id) },
    { title: 'STATE', of: stateOf },
    { title: 'USED', of: ({ used, uses }) => `${used}/${uses}` },
    { title: 'EXPIRES', of: ({ expiresAt }) => expiresAt },
    { title: 'NODE', of: ({ name }) => name ?? '-' },
    { title: 'LABELS', of: (token) => labels(token.labels) },
  ],
};

export function tokenCommands(program: Command): void {
  const token = program.command('token').alias('tokens').description('rights to add nodes');

  const listing = token
    .command('ls')
    .description('list enrollment tokens')
    .action(async (_, command: Command) => {
      const { api, view, note } = sessionOf(command);
      const { items } = await bodyOf(api.GET('/api/enrollment-tokens'));
      showList(view, kind, items, note);
    });
  withExample(listing, 'token ls');

  const making = token
    .command('create')
    .description('make an enrollment token; it is shown this once')
    .option('--name <name>', 'name of the node')
    .option('--label <key=value>', 'label of the nodes; may be repeated', pair)
    .option('--uses <count>', 'how many nodes may use it', wholeNumber)
    .option('--ttl <seconds>', 'how long it is valid', wholeNumber)
    .action(async ({ name, label, uses, ttl }, command: Command) => {
      const { api, view } = sessionOf(command);
      const body = {
        ...(name === undefined ? {} : { name }),
        ...(label === undefined ? {} : { labels: label }),
        ...(uses === undefined ? {} : { uses }),
        ...(ttl === undefined ? {} : { ttlSeconds: ttl }),
      };
      const issued = await bodyOf(api.POST('/api/enrollment-tokens', { body }));
      const parts = { name: () => `enrollment-tokens/${issued.id}`, id: () => issued.id };
      showOne(view, parts, issued, () => `${issued.token}\n`);
    });
  withExample(making, 'token create --uses 3 --label role=edge');

  const revoking = token
    .command('revoke <id>')
    .description('make a token worthless')
    .action(async (text, _, command: Command) => {
      const { api, view, note } = sessionOf(command);
      const { items } = await bodyOf(api.GET('/api/enrollment-tokens'));
      const fitting = items.filter(({ id }) => id === text || (text.length >= 4 && id.startsWith(text)));
      const [found, ...others] = fitting;
      if (!found || others.length > 0) {
        const what = found ? `${fitting.length} tokens begin with ${text}.` : `There is no token ${text}.`;
        throw new Failure(found ? EXIT.usage : EXIT.notFound, what, 'See which there are: overseer token ls');
      }
      await bodyOf(api.DELETE('/api/enrollment-tokens/{id}', { params: { path: { id: found.id } } }));
      note(`${short(found.id)} is revoked`);
      showOne(view, kind, found, () => '');
    });
  withExample(revoking, 'token revoke ID');
}
