// Pure: where a list goes on. Opaque to callers; what does not read back as one of that list is refused.
import { OverseerError } from '#subjects/errors.ts';

export const PAGE_SIZE = 100;
/** Of one page as JSON: three quarters of a message, so that whatever it holds needs no packing to fit. */
export const PAGE_BYTES = 768 * 1024;
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

const encoder = new TextEncoder();
export const bytesOf = (value: unknown) => encoder.encode(JSON.stringify(value)).length;

/** As many from the first on as there is room for, and always one: a list must come to its end. */
export function fitting<T>(items: readonly T[], weight: (item: T) => number = bytesOf, room = PAGE_BYTES): T[] {
  let left = room;
  const end = items.findIndex((item, index) => {
    left -= weight(item);
    return left < 0 && index > 0;
  });
  return items.slice(0, end < 0 ? items.length : end);
}

/** `found` was asked for with one more than the page holds. A page ends earlier where its bytes do. */
export function pageOf<T>(found: readonly T[], limit: number, cursor: (last: T) => string) {
  const items = fitting(found.slice(0, limit));
  const last = items.at(-1);
  return { items, nextCursor: found.length > items.length && last !== undefined ? cursor(last) : null };
}

/** The same for a page whose rows grew when they were put together. */
export function narrowed<T>(
  page: { readonly items: readonly T[]; readonly nextCursor: string | null },
  cursor: (last: T) => string,
) {
  const items = fitting(page.items);
  const last = items.at(-1);
  return { items, nextCursor: items.length < page.items.length && last ? cursor(last) : page.nextCursor };
}
