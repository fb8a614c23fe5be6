// One page out of any number of chunks, in whatever order they are looked through. Pure.
import type { LogPage } from '#subjects/schema/log.ts';
import { type Found, itemOf, weightOf } from './items.ts';
import { cursorOf, inOrder, type Order, type TimePlace } from './place.ts';

/** Characters of text in one answer: a message of the bus holds them packed, whatever they are. */
const PAGE_WEIGHT = 400_000;

export interface Paging {
  readonly order: Order;
  readonly limit: number;
}

/** How many of the first, in order, are a page; one at least. */
function pageSize(sorted: readonly Found[], limit: number): number {
  let weight = 0;
  const past = sorted.findIndex((found, index) => {
    weight += weightOf(found);
    return index >= limit || (index > 0 && weight > PAGE_WEIGHT);
  });
  return past < 0 ? sorted.length : past;
}

/** What of it can be in the page, in order, and one more when there is one. */
export function foremost(found: readonly Found[], { order, limit }: Paging): Found[] {
  const sorted = [...found].sort(inOrder(order));
  return sorted.slice(0, pageSize(sorted, limit) + 1);
}

/** The place behind which nothing can be in the page; null while it is not full. @param found of `foremost` */
export function boundOf(found: readonly Found[], { limit }: Paging): TimePlace | null {
  const size = pageSize(found, limit);
  return found[size] ?? null;
}

/** @param found of `foremost` @param horizon what lies behind it was not looked through; null: all was */
export function pageOf(found: readonly Found[], paging: Paging, horizon: TimePlace | null): LogPage {
  const isBefore = inOrder(paging.order);
  const sure = horizon === null ? found : found.filter((one) => isBefore(one, horizon) < 0);
  const shown = sure.slice(0, pageSize(sure, paging.limit));
  const [first] = shown;
  const last = shown.at(-1);
  const isCut = sure.length > shown.length;
  const next = isCut && last ? last : horizon;
  return {
    items: shown.map(itemOf),
    nextCursor: next && cursorOf(next),
    previousCursor: first ? cursorOf(first) : null,
  };
}
