// overseer node projects, adopt, prune: what is on a node beside its stacks.
import type { Command } from 'commander';
import { bodyOf, type Schemas } from '#clients/sdk/client.ts';
import { nodeNamed } from '../nodes.ts';
import { type Kind, showList, showOne } from '../output/render.ts';
import { sessionOf } from '../session.ts';
import { withExample } from './example.ts';
import { told, waitingOptions } from './waiting.ts';

type Project = Schemas['ProjectList']['items'][number];

function running({ services }: Project): string {
  return `${services.filter(({ state }) => state === 'running').length}/${services.length}`;
}

const kind: Kind<Project> = {
  name: ({ name }) => `projects/${name}`,
  id: ({ name }) => name,
  none: 'No Compose projects here but the stacks.',
  columns: [
    { title: 'PROJECT', of: ({ name }) => name },
    { title: 'RUNNING', of: running },
    { title: 'FILE', of: ({ place }) => (place === null ? '-' : `${place.directory}/${place.file}`) },
    { title: 'ADOPTABLE', of: ({ obstacle }) => (obstacle === null ? 'yes' : `no: ${obstacle}`) },
    { title: 'IMAGES', of: ({ services }) => services.map(({ image }) => image).join(', '), wide: true },
  ],
};

export function projectCommands(node: Command): void {
  const projects = node
    .command('projects <node>')
    .description('Compose projects there that no stack names')
    .action(async (text, _, command: Command) => {
      const { api, view, note } = sessionOf(command);
      const { id } = await nodeNamed(api, text);
      const { items } = await bodyOf(api.GET('/api/nodes/{id}/projects', { params: { path: { id } } }));
      showList(view, kind, items, note);
    });
  withExample(projects, 'node projects nas');

  const adopt = node
    .command('adopt <node> <project>')
    .description('make a running Compose project a stack, where it is and as it is')
    .action(async (text, name, options, command: Command) => {
      const session = sessionOf(command);
      const { id } = await nodeNamed(session.api, text);
      const params = { path: { id, name } };
      const answer = await bodyOf(session.api.POST('/api/nodes/{id}/projects/{name}/adopt', { params }));
      await told(session, answer, 'it is a stack already', options);
    });
  withExample(waitingOptions(adopt), 'node adopt nas blog');

  const prune = node
    .command('prune <node>')
    .description('remove images without a name that nothing needs')
    .option('--unused', 'all images that no stack and no container needs')
    .action(async (text, options, command: Command) => {
      const { api, view, note } = sessionOf(command);
      const { id, name } = await nodeNamed(api, text);
      const body = { images: options.unused === true ? ('unused' as const) : ('dangling' as const) };
      await bodyOf(api.POST('/api/nodes/{id}/actions/prune', { params: { path: { id } }, body }));
      note(`${name} removes ${body.images} images now; see what it removed: overseer event ls`);
      showOne(view, { name: () => `nodes/${name}`, id: () => id }, { node: id, ...body }, () => '');
    });
  withExample(prune, 'node prune nas --unused');
}
