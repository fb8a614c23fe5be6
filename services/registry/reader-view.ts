// Pure. A reader as others see it, and whether somebody asks for the very same again.
import { readerOnTheBus, readerSubjects, readerUser } from '#subjects/readers.ts';
import type { Reader, ReaderFilters, ReaderSpec } from '#subjects/schema/reader.ts';
import type { ReaderRow } from './store/entities.ts';

function stateOf({ removedAt, expiresAt }: ReaderRow, now: Date): Reader['state'] {
  if (removedAt) return 'removing';
  return expiresAt <= now ? 'expired' : 'valid';
}

export function readerView(row: ReaderRow, now: Date): Reader {
  const { name, role, publicKey, createdBy } = row;
  return {
    ...{ name, role, publicKey, createdBy },
    user: readerUser(name),
    stream: readerOnTheBus(role).stream,
    subjects: readerSubjects(role, row.filters) ?? [],
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt.toISOString(),
    state: stateOf(row, now),
  };
}

const listed = ({ nodes = [], kinds = [] }: ReaderFilters) =>
  [...new Set(nodes)].sort().join() + [...new Set(kinds)].sort().join();

/** The answer to the first call may have been lost. */
export function isSameReader(row: ReaderRow, spec: ReaderSpec, now: Date): boolean {
  const isAlike = row.role === spec.role && row.publicKey === spec.publicKey;
  return isAlike && stateOf(row, now) === 'valid' && listed(row.filters) === listed(spec.filters ?? {});
}
