// The audit service: keeps what every service and every node records in chains, seals them with checkpoints, and shows and
// verifies them. Puts its parts together.
import { checkpointHash } from '#infra/audit/checkpoint.ts';
import { newId } from '#infra/ids.ts';
import { deadLetters } from '#infra/metrics.ts';
import type { DeadLetter, Stoppable } from '#infra/nats/bus.ts';
import { keepDeadLetter } from '#infra/postgres/outbox.ts';
import { databaseOf, runService, type ServiceContext } from '#infra/service.ts';
import type { AuditFault } from '#subjects/schema/audit-verification.ts';
import type { SignedCheckpoint } from '#subjects/schema/checkpoint.ts';
import { startAppending } from './appending.ts';
import { startCheckpoints } from './checkpoints.ts';
import { exportPart } from './exporting.ts';
import { startFollowing } from './following.ts';
import { bringOlder } from './older.ts';
import { PAGE, pageOf, readCursor } from './page.ts';
import { forkRecord, lostCheckpoint, OWN_PARTITION, unsealable } from './received.ts';
import { auditSigner } from './signer.ts';
import { newestCheckpoint } from './store/checkpoints.ts';
import { auditEntities, DATABASE_ROLE } from './store/entities.ts';
import { counts, isRestricted, newestRecords } from './store/records.ts';
import { verifyPart } from './verifying.ts';

/** What should come before a node's record has been delivered by then, unless it is lost. */
const WAITED_FOR_DELIVERIES = 3;

export async function startAudit(context: ServiceContext): Promise<Stoppable> {
  const { bus, log, data, version } = context;
  const database = databaseOf(context);
  const signer = auditSigner(data);
  const now = () => new Date();
  const startedAt = now().toISOString();
  const deadLetter = async (letter: DeadLetter) => {
    await database.transaction((em) => keepDeadLetter(em, 'audit', letter));
    deadLetters.inc({ service: 'audit', stream: letter.stream });
  };
  const alarm = (fork: Parameters<typeof forkRecord>[0]) => {
    const record = forkRecord(fork, newId(), now().toISOString());
    void appending.append({ partition: OWN_PARTITION, record }).catch((error: unknown) => {
      log.error({ err: error }, 'that could not even be recorded');
    });
  };
  const onFork = ({ checkpoint }: SignedCheckpoint) => {
    const { number } = checkpoint;
    log.error({ number }, 'the database does not hold the last checkpoint of the audit: it was set back or rewritten');
    alarm(lostCheckpoint(checkpoint, checkpointHash(checkpoint)));
  };
  const onFault = (fault: AuditFault) => {
    log.error(
      { fault },
      'records of the audit are not what was written: no checkpoint vouches for their partition any more',
    );
    alarm(unsealable(fault));
  };
  const tell = (signed: SignedCheckpoint) => bus.tell('checkpoint', { service: 'audit' }, signed);
  const checkpoints = startCheckpoints({ database, signer, log, data, tell, onFork, onFault, now });
  const appending = startAppending({ database, signer, now, onAppended: checkpoints.appended });
  const brought = await bringOlder({ database, appending, deadLetter, now });
  if (brought > 0) log.info({ brought }, 'records of before there were chains are in them now');

  const following = startFollowing(database, log);
  const running = [
    bus.consume('auditRecord', {
      deadLetter,
      handle: ({ body: record, parameters: { service } }) => appending.append({ partition: service, record }),
    }),
    bus.consume('nodeAudit', {
      deadLetter,
      handle: ({ body: { record, chain }, parameters: { node }, deliveryCount }) => {
        const mayWait = deliveryCount < WAITED_FOR_DELIVERIES;
        return appending.append({ partition: `node:${node}`, record, chain, mayWait });
      },
    }),
    bus.serve('listAudit', async ({ limit = PAGE, cursor, ...labels }) => {
      const filter = { ...labels, before: readCursor(cursor) };
      return pageOf(await database.read((em) => newestRecords(em, filter, limit + 1)), limit);
    }),
    bus.serve('followAudit', following.follow),
    bus.serve('verifyAudit', (input) => verifyPart({ database, signer, own: checkpoints.own }, input)),
    bus.serve('exportAudit', (input) => exportPart(database, input)),
    bus.serve('summarizeAudit', () =>
      database.read(async (em) => ({
        records: (await counts(em))['records'] ?? 0,
        newest: await newestCheckpoint(em),
        isRestricted: await isRestricted(em),
      })),
    ),
    bus.serve('auditStatus', async () => ({
      ...{ service: 'audit', version, startedAt },
      counts: await database.read(counts),
    })),
    following,
    checkpoints,
  ];
  return {
    async stop() {
      await Promise.all(running.map((part) => part.stop()));
    },
  };
}

if (import.meta.main) await runService('audit', startAudit, auditEntities, DATABASE_ROLE);
