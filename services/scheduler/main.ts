// The scheduler: what runs where. Puts its parts together.
import { newId } from '#infra/ids.ts';
import type { Stoppable } from '#infra/nats/bus.ts';
import { startRelay } from '#infra/postgres/outbox.ts';
import { databaseOf, runService, type ServiceContext } from '#infra/service.ts';
import { failUnanswered } from './actions.ts';
import { clearLeftChecks, composeCheck } from './compose/check.ts';
import { composeFinder } from './compose/find.ts';
import { followNodes } from './consumers.ts';
import { serveRequests } from './handlers.ts';
import type { Issuer } from './issuer.ts';
import { compareWithRegistry } from './registry-comparison.ts';
import { startReleaseRounds } from './release-rounds.ts';
import { rebuildDesired, republishBehind, republishLost } from './republish.ts';
import { secretKeys } from './secrets/keys.ts';
import { releaseWaiting } from './secrets/release.ts';
import { documentSigner } from './signer.ts';
import { newOrigins } from './sources/parts.ts';
import { startRounds } from './sources/rounds.ts';
import { readEpoch } from './store/documents.ts';
import { schedulerEntities } from './store/entities.ts';
import { forgetFacts } from './store/received.ts';
import { startUpkeep } from './upkeep.ts';

export interface Scheduler extends Stoppable {
  /** Puts every current document into the outbox again. @returns how many */
  rebuildDesired(): Promise<number>;
}

export async function startScheduler(context: ServiceContext): Promise<Scheduler> {
  const { bus, log, data, version } = context;
  const database = databaseOf(context);
  const now = () => new Date();
  const startedAt = now().toISOString();
  const epoch = await database.transaction((em) => readEpoch(em, newId()));
  const secrets = await secretKeys(data, context.config.secrets);
  if ((await secrets.recovery()) === null)
    log.warn('no recovery recipient is set: secrets can not be recovered without the keys of this core');
  const issuer: Issuer = { key: documentSigner(data), epoch, vault: secrets.vault, now, newId };
  // Not waited for: an engine that hangs must hold up the first check only.
  const find = composeFinder();
  const { forbidden, insecureRegistries } = context.config;
  void find().then((found) => {
    if (found !== null) return;
    const what =
      forbidden.length === 0
        ? 'nodes are the first to check Compose files'
        : 'stacks are refused, as there is a policy';
    log.warn(`there is no \`docker compose\` here: ${what}`);
  });

  const compare = async () => {
    const changed = await compareWithRegistry(database, bus, issuer, log);
    if (changed > 0) log.info({ changed }, 'nodes differed from what the registry says');
  };
  const told = (lost: string[]) => {
    if (lost.length > 0)
      log.warn({ nodes: lost.length }, 'the stream did not hold the documents it should: published again');
  };
  const registry = { name: 'registry', run: compare };
  const waiting = { name: 'secrets', run: () => releaseWaiting(database, issuer) };
  const upkeep = startUpkeep(
    {
      whole: [
        { name: 'documents', run: async () => told(await republishLost(database, bus, issuer)) },
        registry,
        waiting,
      ],
      behind: [
        { name: 'documents', run: async () => told(await republishBehind(database, bus, issuer)) },
        { name: 'commands', run: () => database.transaction((em) => failUnanswered(em, issuer)) },
        { name: 'facts', run: () => database.transaction((em) => forgetFacts(em, now())) },
        registry,
        waiting,
      ],
    },
    log,
  );
  bus.onStatus(({ type }) => {
    if (type === 'reconnected') upkeep.wake(true);
  });
  clearLeftChecks();
  const compose = composeCheck(find, forbidden);
  const origins = newOrigins(data, database, issuer, insecureRegistries);
  const rounds = startRounds({ database, issuer, compose, origins, log });
  const rollouts = startReleaseRounds(database, issuer, log);
  const parts = {
    bus,
    database,
    issuer,
    log,
    compose,
    secrets,
    origins,
    rounds,
    compare,
    version,
    startedAt,
  };
  const running = [
    ...serveRequests(parts),
    ...followNodes(parts, { compare: () => upkeep.wake(false), moved: rollouts.wake }),
    upkeep,
    rollouts,
    rounds,
    startRelay({ database, bus, service: 'scheduler', log }),
  ];
  return {
    rebuildDesired: () => rebuildDesired(database),
    async stop() {
      await Promise.all(running.map((part) => part.stop()));
    },
  };
}

if (import.meta.main) await runService('scheduler', startScheduler, schedulerEntities);
