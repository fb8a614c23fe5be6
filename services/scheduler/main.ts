// The scheduler: what runs where. Puts its parts together.
import { newId } from '#infra/ids.ts';
import type { BusStatus, Stoppable } from '#infra/nats/bus.ts';
import { keepDeadLetter, startRelay } from '#infra/postgres/outbox.ts';
import type { ServiceContext } from '#infra/service.ts';
import type { NodeFact } from '#subjects/schema/cloud-event.ts';
import { NODE_FACTS } from '#subjects/schema/cloud-event.ts';
import { composeCheck, composeVersion } from './compose/check.ts';
import { type SchedulerParts, serveRequests } from './handlers.ts';
import type { Issuer } from './issuer.ts';
import { applyNodeFact } from './node-facts.ts';
import { compareWithRegistry } from './registry-comparison.ts';
import { applyReport } from './reports.ts';
import { rebuildDesired, republishBehind, republishLost } from './republish.ts';
import { documentSigner } from './signer.ts';
import { readEpoch } from './store/documents.ts';
import { forgetFacts } from './store/received.ts';
import { startUpkeep } from './upkeep.ts';

export interface Scheduler extends Stoppable {
  /** Puts every current document into the outbox again. @returns how many */
  rebuildDesired(): Promise<number>;
}

export async function startScheduler(context: ServiceContext): Promise<Scheduler> {
  const { bus, database, log, data, version } = context;
  if (!database) throw new Error('the scheduler needs a database');
  const now = () => new Date();
  const startedAt = now().toISOString();
  const epoch = await database.transaction((em) => readEpoch(em, newId()));
  const issuer: Issuer = { key: documentSigner(data), epoch, now, newId };
  const compose = await composeVersion();
  if (compose === null)
    log.warn('no `docker compose` on this machine: Compose files are checked less before they are stored');

  const compare = async () => {
    const changed = await compareWithRegistry(database, bus, issuer);
    if (changed > 0) log.info({ changed }, 'nodes differed from what the registry says');
  };
  const told = (lost: string[]) => {
    if (lost.length > 0) log.warn({ nodes: lost.length }, 'the stream had lost documents, published again');
  };
  const upkeep = startUpkeep(
    {
      whole: [
        { name: 'documents', run: async () => told(await republishLost(database, bus)) },
        { name: 'registry', run: compare },
      ],
      behind: [
        { name: 'documents', run: async () => told(await republishBehind(database, bus, now())) },
        { name: 'registry', run: compare },
        { name: 'facts', run: () => database.transaction((em) => forgetFacts(em, now())) },
      ],
    },
    log,
  );
  bus.onStatus((status: BusStatus) => {
    if (status.type === 'reconnected') upkeep.wake(true);
  });

  const deadLetter: Parameters<typeof bus.consume>[1]['deadLetter'] = (letter) =>
    database.transaction((em) => keepDeadLetter(em, 'scheduler', letter));
  const isNodeFact = (fact: string): fact is NodeFact => (NODE_FACTS as readonly string[]).includes(fact);
  const parts: SchedulerParts = {
    bus,
    database,
    issuer,
    compose: composeCheck(compose !== null),
    compare,
    version,
    startedAt,
  };
  const running: Stoppable[] = [
    ...serveRequests(parts),
    bus.consume('nodeFact', {
      deadLetter,
      async handle({ body, parameters: { node, fact } }) {
        if (!isNodeFact(fact)) return;
        const answer = await database.transaction((em) => applyNodeFact(em, issuer, node, fact, body));
        if (answer === 'compare') upkeep.wake(false);
      },
    }),
    bus.consume('nodeReport', {
      deadLetter,
      handle: ({ body, parameters: { node }, streamSequence }) =>
        database.transaction((em) => applyReport(em, issuer, node, body, streamSequence)),
    }),
    upkeep,
    startRelay({ database, bus, service: 'scheduler', log }),
  ];
  return {
    rebuildDesired: () => rebuildDesired(database),
    async stop() {
      await Promise.all(running.map((part) => part.stop()));
    },
  };
}
