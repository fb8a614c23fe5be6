// overseer event, overseer audit: what happened, and who did it.
import type { Command } from 'commander';
import { bodyOf, type Schemas } from '#clients/sdk/client.ts';
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

const auditKind: Kind<Schemas['AuditList']['items'][number]> = {
  name: ({ id }) => `audit/${id}`,
  id: ({ id }) => id,
  none: 'No audit records yet.',
  columns: [
    { title: 'TIME', of: ({ at }) => at },
    { title: 'WHO', of: ({ actor }) => `${actor.kind}/${actor.id}` },
    { title: 'ACTION', of: ({ action }) => action },
    { title: 'OBJECT', of: ({ object }) => object },
    { title: 'OUTCOME', of: ({ outcome, code }) => (code === null ? outcome : `${outcome}: ${code}`) },
    { title: 'FROM', of: ({ actor }) => actor.origin ?? '-', wide: true },
    { title: 'REQUEST', of: ({ actor }) => actor.requestId, wide: true },
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

  const audit = program
    .command('audit')
    .description('who did what')
    .command('ls')
    .description('list audit records, newest first')
    .option('--limit <count>', 'how many', wholeNumber, 50)
    .option('--action <action>', 'of this action only, as stack.put')
    .option('--object <object>', 'of this object only, as stacks/web')
    .action(async ({ limit, action, object }, command: Command) => {
      const { api, view, note } = sessionOf(command);
      const query = { limit, ...(action === undefined ? {} : { action }), ...(object === undefined ? {} : { object }) };
      const { items } = await bodyOf(api.GET('/api/audit', { params: { query } }));
      showList(view, auditKind, items, note);
    });
  withExample(audit, 'audit ls --object stacks/web');
}
