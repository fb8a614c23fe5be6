// Places in the logs: of an item in the order of time, for pages; and in the order of arrival, for followers. Pure.
import { OverseerError } from '#subjects/errors.ts';

/** Where an item stands in time: lines of one moment in the order in which they came. */
export interface TimePlace {
  /** Nanoseconds since 1970. */
  readonly at: bigint;
  readonly id: number;
  /** Of a line in its chunk. */
  readonly index: number;
}

export type Order = 'forward' | 'backward';

export const LAST = Number.MAX_SAFE_INTEGER;
/** Past every time that there is. */
export const END_OF_TIME = 9_223_372_036_854_775_807n;

export function compare(a: TimePlace, b: TimePlace): number {
  if (a.at !== b.at) return a.at < b.at ? -1 : 1;
  return a.id - b.id || a.index - b.index;
}

/** In the order asked for: below 0 when `a` comes first. */
export const inOrder = (order: Order) => (a: TimePlace, b: TimePlace) =>
  order === 'forward' ? compare(a, b) : compare(b, a);

function refuse(what: string): never {
  throw new OverseerError('invalid-input', `the ${what} does not come from here`, { fields: { path: what } });
}

/** Places before all of a moment, and after all of it. */
export const beforeAll = (at: bigint): TimePlace => ({ at, id: -1, index: -1 });
export const afterAll = (at: bigint): TimePlace => ({ at, id: LAST, index: LAST });

const CURSOR = /^t(\d{1,19})\.(\d{1,16})\.(\d{1,16})$/;

export function cursorOf({ at, id, index }: TimePlace): string {
  return `t${at}.${id === LAST ? LAST : id + 1}.${index === LAST ? LAST : index + 1}`;
}

/** @throws OverseerError `invalid-input` */
export function readCursor(cursor: string): TimePlace {
  const [, at = '', id = '', index = ''] = CURSOR.exec(cursor) ?? refuse('cursor');
  const number = (text: string) => (Number(text) >= LAST ? LAST : Number(text) - 1);
  const time = BigInt(at);
  return time > END_OF_TIME ? refuse('cursor') : { at: time, id: number(id), index: number(index) };
}

/** Where a follower stands: after line `index` of chunk `id`; null: after all of it. */
export interface ArrivalPlace {
  readonly id: number;
  readonly index: number | null;
}

export function placeOf({ id, index }: ArrivalPlace): string {
  return index === null ? String(id) : `${id}-${index}`;
}

/** @throws OverseerError `invalid-input` */
export function readPlace(place: string): ArrivalPlace {
  const [, id, index] = /^(\d{1,15})(?:-(\d{1,9}))?$/.exec(place) ?? refuse('place');
  return { id: Number(id), index: index === undefined ? null : Number(index) };
}
