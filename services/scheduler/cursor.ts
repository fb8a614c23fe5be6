// Pure: where a list goes on. Opaque to callers; what does not read back is refused.
import { OverseerError } from '#subjects/errors.ts';

export const PAGE_SIZE = 100;
const SEPARATOR = '|';

export function cursorOf(...parts: readonly string[]): string {
  return btoa(parts.join(SEPARATOR)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** @throws OverseerError `invalid-input` */
export function readCursor(cursor: string, count: number): string[] {
  try {
    const parts = atob(cursor.replaceAll('-', '+').replaceAll('_', '/')).split(SEPARATOR);
    if (parts.length === count) return parts;
  } catch {
    // Told as any other unreadable cursor.
  }
  throw new OverseerError('invalid-input', 'the cursor does not come from here', { fields: { path: 'cursor' } });
}

/** `found` was asked for with one more than the page holds. */
export function pageOf<T>(found: readonly T[], limit: number, cursor: (last: T) => string) {
  const items = found.slice(0, limit);
  const last = items.at(-1);
  return { items, nextCursor: found.length > limit && last !== undefined ? cursor(last) : null };
}
