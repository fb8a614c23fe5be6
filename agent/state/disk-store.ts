// The agent's database: one SQLite file. Every commit is flushed before the next thing happens.
import { renameSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { SPOOL_LIMITS, type SpoolLimits } from '../outbox/spool-limits.ts';
import { newRecord, type StackRecord } from '../stacks/model.ts';
import { diskSpool, SPOOL_TABLE } from './disk-spool.ts';
import type { AgentStore } from './store.ts';
import { together } from './transaction.ts';

interface Options {
  /** Of a new spool. */
  readonly newEpoch: () => string;
  readonly limits?: SpoolLimits;
  readonly log: { warn(fields: object, message: string): void };
}

function open(file: string): DatabaseSync {
  const database = new DatabaseSync(file);
  try {
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000');
    database.exec(`${SPOOL_TABLE};
      CREATE TABLE IF NOT EXISTS setting (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
      CREATE TABLE IF NOT EXISTS stack (name TEXT PRIMARY KEY, record TEXT NOT NULL) STRICT`);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** A file that is no database any more is set aside: what runs is found again, events in it are lost and that is said. */
function openOrSetAside(file: string, log: Options['log']): DatabaseSync {
  try {
    return open(file);
  } catch (error) {
    const aside = `${file}.damaged`;
    renameSync(file, aside);
    for (const suffix of ['-wal', '-shm']) rmSync(file + suffix, { force: true });
    log.warn({ error, aside }, 'the state database can not be read; it was set aside and a new one begun');
    return open(file);
  }
}

export function openStore(file: string, { newEpoch, limits = SPOOL_LIMITS, log }: Options): AgentStore {
  const database = openOrSetAside(file, log);
  const readSetting = database.prepare('SELECT value FROM setting WHERE key = ?');
  const writeSetting = database.prepare('INSERT OR REPLACE INTO setting (key, value) VALUES (?, ?)');
  const writeRecord = database.prepare('INSERT OR REPLACE INTO stack (name, record) VALUES (?, ?)');
  const setting = (key: string) => readSetting.get(key)?.['value'] as string | undefined;
  let epoch = setting('epoch');
  if (epoch === undefined) {
    epoch = newEpoch();
    writeSetting.run('epoch', epoch);
  }
  const spool = diskSpool(database, epoch, limits, (sequence) =>
    log.warn({ sequence }, 'an event in the spool is not readable and was dropped'),
  );
  const keep = (record: StackRecord) => void writeRecord.run(record.name, JSON.stringify(record));

  return {
    spool,
    records: () =>
      database
        .prepare('SELECT name, record FROM stack')
        .all()
        .map((row) => ({ ...newRecord(String(row['name'])), ...(JSON.parse(String(row['record'])) as StackRecord) })),
    keep,
    settle: (record, event) =>
      together(database, () => {
        keep(record);
        if (event) spool.append(event);
      }),
    observedGeneration: () => Number(setting('observedGeneration') ?? 0),
    keepObservedGeneration: (generation) => void writeSetting.run('observedGeneration', String(generation)),
    close: () => database.close(),
  };
}
