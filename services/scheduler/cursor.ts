// Pure: where a list goes on. Opaque to callers; what does not read back as one of that list is refused.
import { OverseerError } from '#subjects/errors.ts';

export const PAGE_SIZE = 100;
const SEPARATOR = '|';

/** @param parts without `|` */
export function cursorOf(list: string, ...parts: readonly string[]): string {
  return btoa([list, ...parts].join(SEPARATOR))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}

function decoded(cursor: string): string[] {
  try {
    return atob(cursor.replaceAll('-', '+').replaceAll('_', '/')).split(SEPARATOR);
  } catch {
    return [];
  }
}

/** @throws OverseerError `invalid-input` */
export function readCursor(cursor: string, list: string, count: number): string[] {
  const [found, ...parts] = decoded(cursor);
  if (found === list && parts.length === count) return parts;
  throw new OverseerError('invalid-input', 'the cursor is not one of this list', { fields: { path: 'cursor' } });
}

/** `found` was asked for with one more than the page holds. */
export function pageOf<T>(found: readonly T[], limit: number, cursor: (last: T) => string) {
  const items = found.slice(0, limit);
  const last = items.at(-1);
  return { items, nextCursor: found.length > limit && last !== undefined ? cursor(last) : null };
}
