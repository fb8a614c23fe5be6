// The lines that a page holds: the newest so many, older ones before them as far as somebody scrolled. Pure.
import type { LogItem } from '#clients/sdk/logs.ts';

export interface LogWindow {
  readonly items: readonly LogItem[];
  /** What is before the first; null: nothing is. */
  readonly older: Older | null;
}

/** Where the core goes on, or a time from which on all is held: what was let go has no place of its own. */
export type Older = { readonly cursor: string } | { readonly before: string };

type Page = { readonly items: readonly LogItem[]; readonly nextCursor: string | null };
const olderThan = ({ nextCursor }: Page): Older | null => (nextCursor === null ? null : { cursor: nextCursor });

/** A browser holds these, and more only while somebody reads further back. */
export const HELD_MAX = 50_000;
/** Nodes send what they have a moment later than each other. So late is still in its place. */
const LATE_MS = 5000;

const timeOf = (item: LogItem): string => (item.type === 'line' ? item.at : (item.to ?? item.from ?? ''));

/** @param page the newest first, as the core answers it */
export function windowOf(page: Page): LogWindow {
  return { items: page.items.toReversed(), older: olderThan(page) };
}

/** What came late stands among the newer ones already. */
export function withOlder(held: LogWindow, page: Page): LogWindow {
  const known = new Set(held.items.map(({ id }) => id));
  const fresh = page.items.filter(({ id }) => !known.has(id)).toReversed();
  return { items: [...fresh, ...held.items], older: olderThan(page) };
}

/** Where it belongs among the last ones; at the end when it is older than a follower would look back. */
function placeOf(items: readonly LogItem[], item: LogItem): number {
  const time = timeOf(item);
  const last = items.at(-1);
  if (last === undefined || time === '' || timeOf(last) <= time) return items.length;
  if (Date.parse(timeOf(last)) - Date.parse(time) > LATE_MS) return items.length;
  let place = items.length;
  while (place > 0 && timeOf(items[place - 1] as LogItem) > time) place -= 1;
  return place;
}

/**
 * @param known ids of what the first page had
 * @param most what is over it goes away at the beginning, and can be read again
 */
export function withNewer(
  held: LogWindow,
  arrived: readonly LogItem[],
  known: ReadonlySet<string>,
  most: number,
): LogWindow {
  const items = [...held.items];
  for (const item of arrived) if (!known.has(item.id)) items.splice(placeOf(items, item), 0, item);
  const over = items.length - most;
  if (over <= 0) return { ...held, items };
  const kept = items.slice(over);
  const first = kept[0];
  // Lines of the same moment may be on both sides: a millisecond more, and those that are held are known by their ids.
  const before = first === undefined ? Number.NaN : Date.parse(timeOf(first)) + 1;
  return { items: kept, older: Number.isNaN(before) ? held.older : { before: new Date(before).toISOString() } };
}
