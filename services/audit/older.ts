// Records of before there were chains are brought into them, in the order they came, by the way that all records go. Done
// at every start; what is there already is left.
import type { Database } from '#infra/postgres/orm.ts';
import { isService } from '#subjects/principals.ts';
import type { Appending } from './appending.ts';
import { olderRecords } from './store/older.ts';

const PAGE = 500;

/** A service's chain has its name; no node can have that. */
export const partitionOf = (source: string) => (isService(source) ? source : `node:${source}`);

/** @returns how many were looked at */
export async function bringOlder(database: Pick<Database, 'read'>, appending: Appending): Promise<number> {
  let seen = 0;
  for (let after = 0; ; ) {
    const page = await database.read((em) => olderRecords(em, after, PAGE));
    const last = page.at(-1);
    if (last === undefined) return seen;
    // In one transaction, in this order.
    await Promise.all(page.map(({ source, record }) => appending.append({ partition: partitionOf(source), record })));
    after = last.sequence;
    seen += page.length;
  }
}
