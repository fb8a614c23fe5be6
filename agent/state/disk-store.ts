// The agent's database: one SQLite file. Every commit is flushed before the next thing happens.
import { DatabaseSync } from 'node:sqlite';
import { newId } from '#infra/ids.ts';
import { DesiredStack } from '#subjects/schema/desired.ts';
import { recordIn } from '../audit/records.ts';
import { SPOOL_LIMITS, type SpoolLimits } from '../outbox/spool-limits.ts';
import { newRecord, type StackRecord } from '../stacks/model.ts';
import { AUDIT_TABLES, type AuditIdentity, diskTrail } from './audit-trail.ts';
import { diskSpool, SPOOL_TABLE } from './disk-spool.ts';
import { openOrSetAside } from './set-aside.ts';
import type { AgentStore, GoodChange } from './store.ts';
import { together } from './transaction.ts';

interface Options {
  /** Of a new spool. */
  readonly newEpoch: () => string;
  readonly limits?: SpoolLimits;
  /** Who signs what the agent does; left out: nothing of it is recorded. */
  readonly audit?: AuditIdentity;
  readonly log: { warn(fields: object, message: string): void };
}

function open(file: string): DatabaseSync {
  const database = new DatabaseSync(file);
  try {
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000');
    database.exec(`${SPOOL_TABLE}; ${AUDIT_TABLES};
      CREATE TABLE IF NOT EXISTS setting (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
      CREATE TABLE IF NOT EXISTS stack (name TEXT PRIMARY KEY, record TEXT NOT NULL) STRICT;
      CREATE TABLE IF NOT EXISTS action (
        deployment TEXT PRIMARY KEY, stack TEXT NOT NULL, revision INTEGER
      ) STRICT;
      CREATE TABLE IF NOT EXISTS good (name TEXT PRIMARY KEY, stack TEXT NOT NULL) STRICT`);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

export function openStore(file: string, { newEpoch, limits = SPOOL_LIMITS, audit, log }: Options): AgentStore {
  // One that is set aside: what runs is found again, events in it are lost and that is said.
  const database = openOrSetAside(
    file,
    () => open(file),
    (aside, error) =>
      log.warn({ error, aside }, 'the state database can not be read; it was set aside and a new one begun'),
  );
  const readSetting = database.prepare('SELECT value FROM setting WHERE key = ?');
  const writeSetting = database.prepare('INSERT OR REPLACE INTO setting (key, value) VALUES (?, ?)');
  const writeRecord = database.prepare('INSERT OR REPLACE INTO stack (name, record) VALUES (?, ?)');
  const setting = (key: string) => readSetting.get(key)?.['value'] as string | undefined;
  let epoch = setting('epoch');
  if (epoch === undefined) {
    epoch = newEpoch();
    writeSetting.run('epoch', epoch);
  }
  const trail =
    audit === undefined
      ? null
      : diskTrail(database, epoch, audit, (sequence) =>
          log.warn({ sequence }, 'a record of the own audit is not readable and was dropped'),
        );
  const spool = diskSpool(
    database,
    epoch,
    limits,
    (sequence) => log.warn({ sequence }, 'an event in the spool is not readable and was dropped'),
    (event) => {
      const record = audit === undefined ? null : recordIn(event, audit.node, newId());
      if (record !== null) trail?.append(record);
    },
  );
  const keep = (record: StackRecord) => void writeRecord.run(record.name, JSON.stringify(record));

  const writeGood = database.prepare('INSERT OR REPLACE INTO good (name, stack) VALUES (?, ?)');
  const dropGood = database.prepare('DELETE FROM good WHERE name = ?');
  function keepGood(name: string, good: GoodChange): void {
    if (good === null) dropGood.run(name);
    else if (good !== undefined) writeGood.run(name, JSON.stringify(good));
  }

  return {
    spool,
    audit: trail,
    goods: () =>
      database
        .prepare('SELECT stack FROM good')
        .all()
        .flatMap((row) => readGood(String(row['stack']))),
    records: () =>
      database
        .prepare('SELECT name, record FROM stack')
        .all()
        .map((row) => ({ ...newRecord(String(row['name'])), ...(JSON.parse(String(row['record'])) as StackRecord) })),
    keep,
    settle: (record, event, good) =>
      together(database, () => {
        keep(record);
        keepGood(record.name, good);
        if (event) spool.append(event);
      }),
    openActions: () =>
      database
        .prepare('SELECT deployment, stack, revision FROM action')
        .all()
        .map(({ deployment, stack, revision }) => ({
          deployment: String(deployment),
          stack: String(stack),
          revision: revision === null ? null : Number(revision),
        })),
    beginAction({ deployment, stack, revision }) {
      database
        .prepare('INSERT INTO action (deployment, stack, revision) VALUES (?, ?, ?)')
        .run(deployment, stack, revision);
    },
    endAction: (deployment, event) =>
      together(database, () => {
        database.prepare('DELETE FROM action WHERE deployment = ?').run(deployment);
        spool.append(event);
      }),
    observedGeneration: () => Number(setting('observedGeneration') ?? 0),
    keepObservedGeneration: (generation) => void writeSetting.run('observedGeneration', String(generation)),
    close: () => database.close(),
  };
}

/** One that another release wrote otherwise is as good as none: the next healthy look writes it anew. */
function readGood(text: string): DesiredStack[] {
  try {
    return [DesiredStack.parse(JSON.parse(text))];
  } catch {
    return [];
  }
}
