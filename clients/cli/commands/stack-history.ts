// overseer stack rollback, history, diff: earlier revisions.
import type { Command } from 'commander';
import { bodyOf, type Schemas } from '#clients/sdk/client.ts';
import { visible } from '#clients/sdk/terminal-text.ts';
import { EXIT, Failure } from '../failure.ts';
import { wholeNumber } from '../options.ts';
import { difference } from '../output/difference.ts';
import { type Kind, showList, showOne } from '../output/render.ts';
import { age } from '../output/words.ts';
import { type Session, sessionOf } from '../session.ts';
import { withExample } from './example.ts';
import { told, waitingOptions } from './waiting.ts';

type Revision = Schemas['Revision'];
type Detail = Schemas['RevisionDetail'];

const kind: Kind<Revision> = {
  name: ({ revision }) => `revisions/${revision}`,
  id: ({ revision }) => String(revision),
  none: 'No revisions yet.',
  columns: [
    { title: 'REVISION', of: ({ revision }) => String(revision) },
    { title: 'AGE', of: ({ createdAt }) => age(createdAt, Date.now()) },
    { title: 'BY', of: ({ createdBy }) => createdBy },
    { title: 'COMMIT', of: ({ commit }) => commit?.slice(0, 10) ?? '-' },
    { title: 'DEPLOYMENT', of: ({ deployment }) => deployment ?? '-' },
    { title: 'HASH', of: ({ hash }) => hash.slice(0, 12), wide: true },
  ],
};

async function revisions({ api }: Session, name: string): Promise<Revision[]> {
  return (await bodyOf(api.GET('/api/stacks/{name}/revisions', { params: { path: { name } } }))).items;
}

function detail({ api }: Session, name: string, revision: number): Promise<Detail> {
  return bodyOf(api.GET('/api/stacks/{name}/revisions/{revision}', { params: { path: { name, revision } } }));
}

/** The two that are meant: those given; else the newest and the one before it. */
async function pairOf(session: Session, name: string, a?: number, b?: number): Promise<readonly [number, number]> {
  if (a !== undefined && b !== undefined) return [a, b];
  const [newest, before] = await revisions(session, name);
  const to = newest?.revision ?? 0;
  const from = a ?? before?.revision;
  if (from !== undefined) return [from, to];
  throw new Failure(EXIT.notFound, `${name} has one revision only.`, 'See them: overseer stack history');
}

function pinned({ pins = {} }: Detail): string[] {
  return Object.entries(pins).map(([service, image]) => `${service}: ${image}`);
}

/** All that differs: the compose text, each file, the names of the values, the images that tags stood for. */
function differenceOf(a: Detail, b: Detail): string[] {
  const paths = [...new Set([...Object.keys(a.files), ...Object.keys(b.files)])].sort();
  const names = (file: string) =>
    [`${file} (revision ${a.revision})`, `${file} (revision ${b.revision})`] as [string, string];
  const listed = (texts: readonly string[]) =>
    [...texts]
      .sort()
      .map((text) => `${text}\n`)
      .join('');
  return [
    ...difference(a.compose, b.compose, names('compose.yaml')),
    ...paths.flatMap((path) => difference(a.files[path] ?? '', b.files[path] ?? '', names(path))),
    ...difference(listed(a.env), listed(b.env), names('names of values')),
    ...difference(listed(pinned(a)), listed(pinned(b)), names('images')),
  ];
}

export function revisionCommands(stack: Command): void {
  const rollback = stack
    .command('rollback <name>')
    .description('go back to an earlier revision; volumes stay')
    .option('--to <revision>', 'this one; the last that succeeded before the present one unless given', wholeNumber)
    .action(async (name, options, command: Command) => {
      const session = sessionOf(command);
      const params = { path: { name } };
      const body = options.to === undefined ? {} : { revision: options.to as number };
      const answer = await bodyOf(session.api.POST('/api/stacks/{name}/rollback', { params, body }));
      await told(session, answer, 'that is what runs already', options);
    });
  withExample(waitingOptions(rollback), 'stack rollback web', 'stack rollback web --to 3');

  const history = stack
    .command('history <name>')
    .description('revisions of a stack, newest first')
    .action(async (name, _, command: Command) => {
      const session = sessionOf(command);
      showList(session.view, kind, await revisions(session, name), session.note);
    });
  withExample(history, 'stack history web');

  const diff = stack
    .command('diff <name>')
    .description('what differs between two revisions; the newest two unless given')
    .argument('[a]', 'revision', wholeNumber)
    .argument('[b]', 'revision; the newest unless given', wholeNumber)
    .action(async (name, first: number | undefined, second: number | undefined, _, command: Command) => {
      const session = sessionOf(command);
      const [from, to] = await pairOf(session, name, first, second);
      const [a, b] = await Promise.all([detail(session, name, from), detail(session, name, to)]);
      const lines = differenceOf(a, b);
      const parts = { name: () => `stacks/${name}`, id: () => name };
      showOne(session.view, parts, { from: a, to: b, difference: lines }, () =>
        lines.map((line) => `${visible(line)}\n`).join(''),
      );
      if (lines.length === 0) session.note(`${name}: revisions ${from} and ${to} are the same`);
    });
  withExample(diff, 'stack diff web', 'stack diff web 2 5');
}
