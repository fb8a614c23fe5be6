import type { DatabaseSync } from 'node:sqlite';

/** All of it or nothing; part of the transaction that is open already, if one is. */
export function together(database: DatabaseSync, change: () => void): void {
  if (database.isTransaction) {
    change();
    return;
  }
  database.exec('BEGIN IMMEDIATE');
  try {
    change();
    database.exec('COMMIT');
  } catch (error) {
    database.exec('ROLLBACK');
    throw error;
  }
}
