// The logs service: keeps what containers said, each line once, within a bound, and shows it. Puts its parts together.
import { deadLetters } from '#infra/metrics.ts';
import type { Stoppable } from '#infra/nats/bus.ts';
import { keepDeadLetter } from '#infra/postgres/outbox.ts';
import { databaseOf, runService, type ServiceContext } from '#infra/service.ts';
import { follow } from './follow/follower.ts';
import { openWindow } from './follow/window.ts';
import { lokiBody, otlpBody } from './forward/encode.ts';
import { forward, type Target } from './forward/forwarder.ts';
import { entriesOf } from './ingest/entries.ts';
import { faultOf } from './ingest/validity.ts';
import { groupWriter } from './ingest/writer.ts';
import { startNotifications } from './notify/main.ts';
import { readPage } from './read/reader.ts';
import { keepRoom } from './room/keeper.ts';
import { countsOf, faultsOf } from './status.ts';
import { append } from './store/append.ts';
import { coverage } from './store/coverage.ts';
import { standings } from './store/forwards.ts';
import { counts } from './store/usage.ts';
import { turns } from './turns.ts';

/** Each holds a chunk in memory and a connection for moments. */
const SEARCHES = 4;
const SEARCHES_WAITING = 100;

function targetsOf({ loki, otlp }: ServiceContext['config']['logs']): Target[] {
  return [
    ...(loki ? [{ name: 'loki', ...loki, encode: lokiBody }] : []),
    ...(otlp ? [{ name: 'otlp', ...otlp, encode: otlpBody }] : []),
  ];
}

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
  const targets = targetsOf(config.logs);
  const names = targets.map(({ name }) => name);
  const notifications = await startNotifications(context);
  const serving = [
    bus.consume('nodeLog', {
      // Rows are known by their place, so batches of one node may go side by side.
      isOrdered: false,
      refuse: faultOf,
      async handle({ body, parameters: { node } }) {
        await writer.write(node, entriesOf(node, body, Date.now()));
        // The lines are kept: they are not delivered again, or set aside, for a message about what is missing of them.
        await notifications
          .lost(node, body.gaps)
          .catch((error: unknown) => log.warn({ err: error, node }, 'lost lines were not decided on'));
      },
      async deadLetter(letter) {
        await database.transaction((em) => keepDeadLetter(em, 'logs', letter));
        deadLetters.inc({ service: 'logs', stream: letter.stream });
      },
    }),
    bus.serve('readLogs', (asked) => inTurn(() => readPage(database, asked))),
    bus.serve('followLogs', (asked) => follow(database, window, asked)),
    bus.serve('logCoverage', (asked) => inTurn(() => database.read((em) => coverage(em, asked)))),
    bus.serve('logsStatus', async () => {
      const [held, handed] = await database.read(async (em) => [await counts(em), await standings(em, names)] as const);
      const faults = faultsOf(handed);
      return {
        ...{ service: 'logs', version, startedAt },
        counts: { ...held, room: keeper.room, maxBytes: config.logs.maxBytes, ...countsOf(handed) },
        ...(faults === null ? {} : { faults }),
      };
    }),
    ...targets.map((target) => forward(database, target, log)),
    notifications,
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
