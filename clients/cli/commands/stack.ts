// overseer stack: what should run, and where.
import { type Command, InvalidArgumentError } from 'commander';
import { bodyOf, everyItem, type Schemas } from '#clients/sdk/client.ts';
import { duration, pair, several } from '../options.ts';
import { visible } from '../output/escape.ts';
import { type Kind, showList, showOne } from '../output/render.ts';
import { age, labels, targets } from '../output/words.ts';
import { eventsSoFar, watchDeployment } from '../progress/watch.ts';
import { type Session, sessionOf } from '../session.ts';
import { fields } from './node.ts';
import { type SpecificationOptions, specificationOf } from './specification.ts';

type Stack = Schemas['Stack'];

const LONG_MS = 10 * 60_000;

function onNodes({ nodes }: Stack): string {
  return nodes.length === 0 ? '-' : `${nodes.filter(({ phase }) => phase === 'running').length}/${nodes.length}`;
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
    { title: 'TARGETS', of: (stack) => targets(stack.targets) },
    { title: 'CHANGED', of: ({ updatedAt }) => age(updatedAt, Date.now()) },
    { title: 'DEPLOYMENT', of: ({ deployment }) => deployment ?? '-', wide: true },
  ],
};

function describe(stack: Schemas['StackDetail']): string {
  const head = fields([
    ['name', stack.name],
    ['revision', String(stack.revision)],
    ['state', stack.state],
    ['targets', targets(stack.targets)],
    ['selector', labels(stack.targets.selector ?? {})],
    ['deployment', stack.deployment ?? '-'],
    ...stack.nodes.map(({ node, phase, reason }) => [node, reason === null ? phase : `${phase}: ${reason}`] as const),
  ]);
  return `${head}\n${stack.compose.split('\n').map(visible).join('\n')}`;
}

interface Waiting {
  readonly detach?: boolean;
  readonly wait?: number;
}

/** Waits for the end unless told otherwise; the exit code says how it ended. */
async function followed(session: Session, id: string, after: string, { detach, wait }: Waiting): Promise<void> {
  const { view } = session;
  const parts = { name: () => `deployments/${id}`, id: () => id };
  if (detach) return showOne(view, parts, { deployment: id }, () => `${id}\n`);
  const { deployment, exitCode } = await watchDeployment(session, id, { after, waitMs: wait ?? LONG_MS });
  showOne(view, parts, deployment, () => '');
  process.exitCode = exitCode;
}

async function deploy(session: Session, name: string, options: SpecificationOptions & Waiting): Promise<void> {
  const { api, note, view } = session;
  const body = await specificationOf(session, name, options);
  const after = await eventsSoFar(session);
  const answer = await bodyOf(api.PUT('/api/stacks/{name}', { params: { path: { name } }, body }));
  const { revision, deployment, changed } = answer;
  if (!changed || deployment === null) {
    note(`${name} revision ${revision}: nothing has changed`);
    return showOne(view, { name: () => `stacks/${name}`, id: () => deployment ?? name }, answer, () => '');
  }
  note(`${name} revision ${revision}, deployment ${deployment}`);
  await followed(session, deployment, after, options);
}

export function stackCommands(program: Command): void {
  const stack = program.command('stack').alias('stacks').description('what should run, and where');

  stack
    .command('ls')
    .description('list stacks')
    .action(async (_, command: Command) => {
      const { api, view, note } = sessionOf(command);
      const items = await everyItem((cursor) =>
        bodyOf(api.GET('/api/stacks', { params: { query: { limit: 1000, ...(cursor === null ? {} : { cursor }) } } })),
      );
      showList(view, kind, items, note);
    });

  stack
    .command('get <name>')
    .description('one stack with its specification')
    .action(async (name, _, command: Command) => {
      const { api, view } = sessionOf(command);
      const found = await bodyOf(api.GET('/api/stacks/{name}', { params: { path: { name } } }));
      showOne(view, kind, found, () => describe(found));
    });

  stack
    .command('deploy <name>')
    .description('store a new revision and watch it go to its nodes')
    .requiredOption('-f, --compose <file>', 'compose file; - reads stdin')
    .option('--file <path=local>', 'further file: path in the stack = file here; may be repeated', pair)
    .option('--env-file <file>', 'values for the variables in the compose file')
    .option('--node <node>', 'node that runs it, by name or id; may be repeated', several)
    .option('--selector <key=value>', 'nodes with this label run it; may be repeated', pair)
    .option('--state <state>', 'running or stopped', (text) => {
      if (text === 'running' || text === 'stopped') return text;
      throw new InvalidArgumentError('It is running or stopped.');
    })
    .option('-d, --detach', 'do not wait for the end')
    .option('--wait <time>', 'how long to wait for the end, as 5m', duration)
    .action(async (name, options, command: Command) => deploy(sessionOf(command), name, options));

  stack
    .command('rm <name>')
    .description('take a stack away from all its nodes')
    .option('--volumes', 'its named volumes too')
    .option('-y, --yes', 'do not ask')
    .option('-d, --detach', 'do not wait for the end')
    .option('--wait <time>', 'how long to wait for the end, as 5m', duration)
    .action(async (name, options, command: Command) => {
      const session = sessionOf(command);
      const { api } = session;
      const found = await bodyOf(api.GET('/api/stacks/{name}', { params: { path: { name } } }));
      const volumes = options.volumes === true;
      const what = `Remove stack ${found.name}${volumes ? ' AND ITS VOLUMES' : ''} from ${found.nodes.length} nodes?`;
      await session.confirm(what, found.name, options.yes === true);
      const after = await eventsSoFar(session);
      const query = volumes ? { volumes: 'true' as const } : {};
      const { deployment } = await bodyOf(api.DELETE('/api/stacks/{name}', { params: { path: { name }, query } }));
      await followed(session, deployment, after, options);
    });
}
