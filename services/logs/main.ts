// The logs service: keeps what containers said, each line once, within a bound, and shows it. Puts its parts together.
import { deadLetters } from '#infra/metrics.ts';
import type { Stoppable } from '#infra/nats/bus.ts';
import { keepDeadLetter } from '#infra/postgres/outbox.ts';
import { databaseOf, runService, type ServiceContext } from '#infra/service.ts';
import { follow } from './follow/follower.ts';
import { openWindow } from './follow/window.ts';
import { entriesOf } from './ingest/entries.ts';
import { faultOf } from './ingest/validity.ts';
import { groupWriter } from './ingest/writer.ts';
import { startNotifications } from './notify/main.ts';
import { readPage } from './read/reader.ts';
import { keepRoom } from './room/keeper.ts';
import { append } from './store/append.ts';
import { coverage } from './store/coverage.ts';
import { counts } from './store/usage.ts';
import { turns } from './turns.ts';

/** Each holds a chunk in memory and a connection for moments. */
const SEARCHES = 4;
const SEARCHES_WAITING = 100;

export async function startLogs(context: ServiceContext): Promise<Stoppable> {
  const { bus, log, config, data, version } = context;
  const database = databaseOf(context);
  const startedAt = new Date().toISOString();
  const window = openWindow(database, log);
  const disk = config.databaseUrl === null ? data : null;
  const keeper = keepRoom({ database, log, maxBytes: config.logs.maxBytes, disk });
  const inTurn = turns(SEARCHES, SEARCHES_WAITING);
  const writer = groupWriter(async (entries) => {
    await database.transaction((em) => append(em, entries));
  });
  const serving = [
    bus.consume('nodeLog', {
      // Rows are known by their place, so batches of one node may go side by side.
      isOrdered: false,
      refuse: faultOf,
      handle: ({ body, parameters: { node } }) => writer.write(node, entriesOf(node, body, Date.now())),
      async deadLetter(letter) {
        await database.transaction((em) => keepDeadLetter(em, 'logs', letter));
        deadLetters.inc({ service: 'logs', stream: letter.stream });
      },
    }),
    bus.serve('readLogs', (asked) => inTurn(() => readPage(database, asked))),
    bus.serve('followLogs', (asked) => follow(database, window, asked)),
    bus.serve('logCoverage', (asked) => inTurn(() => database.read((em) => coverage(em, asked)))),
    bus.serve('logsStatus', async () => ({
      ...{ service: 'logs', version, startedAt },
      counts: { ...(await database.read(counts)), room: keeper.room, maxBytes: config.logs.maxBytes },
    })),
    await startNotifications(context),
  ];
  return {
    async stop() {
      // Followers first: their questions would be waited for.
      await window.stop();
      await Promise.all(serving.map((part) => part.stop()));
      await keeper.stop();
    },
  };
}

if (import.meta.main) await runService('logs', startLogs, []);
