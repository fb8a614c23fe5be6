// overseer event: what happened.
import type { Command } from 'commander';
import { type EventFilter, events, newestEvents, type StoredEvent } from '#clients/sdk/events.ts';
import { EXIT, Failure } from '../failure.ts';
import { nodeNamed } from '../nodes.ts';
import { type Moment, moment, wholeNumber } from '../options.ts';
import { jsonLine } from '../output/data.ts';
import { type Kind, showList } from '../output/render.ts';
import { table } from '../output/table.ts';
import { factOf } from '../progress/lines.ts';
import { type Session, sessionOf } from '../session.ts';
import { withExample } from './example.ts';

function summary({ data }: StoredEvent): string {
  return Object.entries(data)
    .filter(([key, value]) => key !== 'type' && value !== null && typeof value !== 'object')
    .map(([key, value]) => `${key}=${String(value)}`)
    .join(' ');
}

const eventKind: Kind<StoredEvent> = {
  name: ({ sequence }) => `events/${sequence}`,
  id: ({ sequence }) => sequence,
  none: 'No events.',
  columns: [
    { title: 'SEQUENCE', of: ({ sequence }) => sequence },
    { title: 'TIME', of: ({ time }) => time },
    { title: 'FACT', of: factOf },
    { title: 'SUBJECT', of: ({ subject }) => subject },
    { title: 'WHAT', of: summary },
    { title: 'SOURCE', of: ({ source }) => source, wide: true },
  ],
};

interface FilterOptions {
  readonly node?: string;
  readonly stack?: string;
  readonly deployment?: string;
  readonly type?: string;
}

interface ListOptions extends FilterOptions {
  readonly limit?: number;
  readonly since?: Moment;
  readonly follow?: boolean;
}

const LIMIT = 50;

function filterOptions(command: Command): Command {
  return command
    .option('--node <node>', 'of this node only, by name or id')
    .option('--stack <stack>', 'of this stack only')
    .option('--deployment <id>', 'of this deployment only')
    .option('--type <type>', 'of this type only, as node.offline');
}

async function filterOf(session: Session, { node, stack, deployment, type }: FilterOptions): Promise<EventFilter> {
  return {
    ...(node === undefined ? {} : { node: (await nodeNamed(session.api, node)).id }),
    ...(stack === undefined ? {} : { stack }),
    ...(deployment === undefined ? {} : { deployment }),
    ...(type === undefined ? {} : { type }),
  };
}

async function watch({ connection, view, signal }: Session, filter: EventFilter, after?: string): Promise<void> {
  const isTable = view.format === 'table' || view.format === 'wide';
  const options = { headers: false, wide: view.format === 'wide', width: view.width };
  for await (const one of events(connection, { signal, ...(after === undefined ? {} : { after }) }, filter)) {
    view.write(isTable ? table(eventKind.columns, [one], options) : jsonLine(one));
  }
}

async function list(session: Session, options: ListOptions): Promise<void> {
  const { api, view, note, signal } = session;
  const { follow = false, since, limit = since === undefined ? LIMIT : Number.POSITIVE_INFINITY } = options;
  const filter = await filterOf(session, options);
  // Before the list is read: what happens meanwhile is told once, by one or the other.
  const [newest] = follow ? await newestEvents(api, {}, { limit: 1, since: null, signal }) : [];
  const found = await newestEvents(api, filter, { limit, since: since?.at ?? null, signal });
  if (!follow) return showList(view, eventKind, found, note);
  const place = newest?.sequence ?? '0';
  const before = found.filter(({ sequence }) => BigInt(sequence) <= BigInt(place)).reverse();
  const isTable = view.format === 'table' || view.format === 'wide';
  if (isTable) showList(view, eventKind, before, () => {});
  else for (const one of before) view.write(jsonLine(one));
  await watch(session, filter, place);
}

export function historyCommands(program: Command): void {
  const event = program.command('event').alias('events').description('what happened');

  const listing = event
    .command('ls', { isDefault: true })
    .description('list events, newest first; followed, oldest first and then as they come')
    .option('--limit <count>', `how many; ${LIMIT} unless --since says from when`, wholeNumber)
    .option('--since <time>', 'from then on: 15m, 2h, 3d, or 2026-01-02T03:04:05Z', (text) => moment(text, Date.now()))
    .option('-f, --follow', 'go on with what comes, until Ctrl-C')
    .action(async (options: ListOptions, command: Command) => list(sessionOf(command), options));
  withExample(
    filterOptions(listing),
    'event ls --limit 20',
    'events --stack web --since 2h',
    'events --node nas --type node.offline -f',
  );

  const watching = event
    .command('watch')
    .description('events as they come, until Ctrl-C')
    .option('--after <sequence>', 'begin after this one instead of now')
    .action(async (options: FilterOptions & { after?: string }, command: Command) => {
      const session = sessionOf(command);
      await watch(session, await filterOf(session, options), options.after);
      throw new Failure(EXIT.interrupted, 'Stopped watching.');
    });
  withExample(filterOptions(watching), 'event watch', 'event watch --stack web');
}
