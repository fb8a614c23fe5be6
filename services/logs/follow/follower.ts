// Answers a follower: what arrived after its place, at once when there is some, else when something comes. It holds
// nothing between two questions; the place says all.
import { setImmediate as breathe } from 'node:timers/promises';
import type { Database } from '#infra/postgres/orm.ts';
import { OverseerError } from '#subjects/errors.ts';
import type { FollowedLogs, FollowLogs, LogItem } from '#subjects/schema/log.ts';
import type { LogEntry } from '../entry.ts';
import { isFrom, isWithin, type Search, searchOf } from '../read/filter.ts';
import { contentOf, itemOf, weightOf } from '../read/items.ts';
import { type ArrivalPlace, placeOf, readPlace } from '../read/place.ts';
import { arrivedAfter } from '../store/entries.ts';
import type { Window } from './window.ts';

const ANSWER_WEIGHT = 400_000;
const FETCH = 16;
/** Long enough for a reader far behind to get on, short enough for an answer in time. */
const WORK_MS = 1_000;

interface Answer {
  readonly items: LogItem[];
  place: ArrivalPlace;
  weight: number;
}

/** @returns false: the answer is full */
function take(answer: Answer, search: Search, limit: number, entry: LogEntry, window: Window | null): boolean {
  const { place } = answer;
  if (isFrom(search, entry)) {
    for (const found of window ? window.contentOf(entry) : contentOf(entry)) {
      if (entry.id === place.id && (place.index === null || found.index <= place.index)) continue;
      if (!isWithin(search, found.at) || (found.line && search.hasLine?.(found.line) === false)) continue;
      answer.items.push(itemOf(found));
      answer.weight += weightOf(found);
      if (answer.items.length < limit && answer.weight < ANSWER_WEIGHT) continue;
      answer.place = { id: entry.id, index: found.index };
      return false;
    }
  }
  answer.place = { id: entry.id, index: null };
  return true;
}

/** Where the follower stands within a chunk, that chunk is looked at once more. */
const firstUnseen = ({ id, index }: ArrivalPlace) => (index === null ? id : id - 1);

/** @throws OverseerError `invalid-input`; `unavailable` while the service ends */
export async function follow(database: Database, window: Window, asked: FollowLogs): Promise<FollowedLogs> {
  const { filter, after, limit, waitMs } = asked;
  const search = searchOf(filter);
  if (!window.isOpen) throw new OverseerError('unavailable', 'the logs service is ending');
  const now = performance.now();
  const known = after === null ? null : readPlace(after);
  const newest = await window.newest(known?.id ?? Number.MAX_SAFE_INTEGER);
  // Beyond the end it is a place of a store that was made anew.
  const place = known === null || known.id > newest ? { id: newest, index: null } : known;
  const answer: Answer = { items: [], place, weight: 0 };
  const told = () => ({ items: answer.items, after: placeOf(answer.place) });
  for (;;) {
    const from = firstUnseen(answer.place);
    const fresh = window.after(from);
    const entries = fresh ?? (await database.read((em) => arrivedAfter(em, search, from, FETCH)));
    for (const entry of entries) {
      const isFull = !take(answer, search, limit, entry, fresh ? window : null);
      if (isFull || performance.now() - now > waitMs + WORK_MS) return told();
      // Others have their turn between two chunks that take long to look through.
      if (search.hasLine) await breathe();
    }
    if (fresh === null && entries.length === FETCH) {
      if (answer.items.length > 0) return told();
      continue;
    }
    // Nothing of it is left for this follower up to the end, as it was before the question.
    if (fresh === null && answer.place.id < newest) answer.place = { id: newest, index: null };
    const left = waitMs - (performance.now() - now);
    if (answer.items.length > 0 || left <= 0 || !window.isOpen) return told();
    await window.arrived(answer.place.id, left);
  }
}
