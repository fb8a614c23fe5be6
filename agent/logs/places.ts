// Pure: where reading begins in a file that is another one than before, or was cut.
import type { LogFile } from './log-file.ts';
import type { LogSource, Place } from './source.ts';

export function beginOf(id: string, source: LogSource, before: Place | null): Place {
  return { file: id, source, offset: 0, row: 0, next: 0, mark: '', last: before?.last ?? null };
}

/**
 * The same first row: the end was cut away, and nobody knows how much. Its rows get numbers of a file of their own, and those
 * that were told of are known by their time. Another first row: all of it is new.
 * @param derive an id that nothing else has, from a text
 */
export function afterCut(found: Pick<LogFile, 'id'>, before: Place, derive: (text: string) => string): Place {
  if (found.id !== (before.origin ?? before.file)) return beginOf(found.id, before.source, before);
  const file = derive(`${before.file} ${before.offset} ${before.mark}`);
  const place = { ...beginOf(file, before.source, before), origin: found.id };
  return before.last === null ? place : { ...place, after: before.last };
}

/** It was read through the engine till now: what was told of is known by its time. */
export function afterEngine(id: string, before: Place): Place {
  const place = beginOf(id, before.source, before);
  return before.last === null ? place : { ...place, after: before.last };
}
