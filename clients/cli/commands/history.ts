// overseer event: what happened.
import type { Command } from 'commander';
import { bodyOf } from '#clients/sdk/client.ts';
import { events, type StoredEvent } from '#clients/sdk/events.ts';
import { EXIT, Failure } from '../failure.ts';
import { wholeNumber } from '../options.ts';
import { jsonLine } from '../output/data.ts';
import { type Kind, showList } from '../output/render.ts';
import { table } from '../output/table.ts';
import { factOf } from '../progress/lines.ts';
import { sessionOf } from '../session.ts';
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
  none: 'No events yet.',
  columns: [
    { title: 'SEQUENCE', of: ({ sequence }) => sequence },
    { title: 'TIME', of: ({ time }) => time },
    { title: 'FACT', of: factOf },
    { title: 'SUBJECT', of: ({ subject }) => subject },
    { title: 'WHAT', of: summary },
    { title: 'SOURCE', of: ({ source }) => source, wide: true },
  ],
};

export function historyCommands(program: Command): void {
  const event = program.command('event').alias('events').description('what happened');

  const listing = event
    .command('ls')
    .description('list events, newest first')
    .option('--limit <count>', 'how many', wholeNumber, 50)
    .action(async ({ limit }, command: Command) => {
      const { api, view, note } = sessionOf(command);
      const { items } = await bodyOf(api.GET('/api/events', { params: { query: { limit } } }));
      showList(view, eventKind, items, note);
    });
  withExample(listing, 'event ls --limit 20');

  const watching = event
    .command('watch')
    .description('events as they come, until Ctrl-C')
    .option('--after <sequence>', 'begin after this one instead of now')
    .action(async ({ after }, command: Command) => {
      const { connection, view, signal } = sessionOf(command);
      const isTable = view.format === 'table' || view.format === 'wide';
      const options = { headers: false, wide: view.format === 'wide', width: view.width };
      for await (const one of events(connection, { signal, ...(after === undefined ? {} : { after }) })) {
        view.write(isTable ? table(eventKind.columns, [one], options) : jsonLine(one));
      }
      throw new Failure(EXIT.interrupted, 'Stopped watching.');
    });
  withExample(watching, 'event watch');
}
