// Logs as the logs service would answer them, from a list: pages in order of time, and what arrives after a place.
import type { LogItem } from '#subjects/schema/log.ts';
import type { TestGateway } from '#test/unit/gateway/gateway.ts';
import { NAS } from './fixture.ts';

const BEGIN = Date.parse('2026-11-23T20:00:00.000Z');
const CONTAINER = 'c'.repeat(64);
const WAIT_MS = 50;

const of = (service: string, number: number) => ({
  ...{ node: NAS, stack: 'web', service, container: CONTAINER, containerName: `web-${service}-${number}` },
  deployment: null,
});

export const atOf = (place: number) => new Date(BEGIN + place * 1000).toISOString().replace('Z', '000001Z');

export function lineOf(place: number, text: string, more: object = {}): LogItem {
  const at = { id: `p${place}`, at: atOf(place) };
  return { type: 'line', ...of('app', 1), ...at, stream: 'stdout', text, partial: false, ...more };
}

export function gapOf(place: number, rows: number | null, more: object = {}): LogItem {
  const times = { from: atOf(place), to: atOf(place + 1) };
  return { type: 'gap', ...of('app', 1), id: `p${place}`, ...times, reason: 'rate-limited', rows, ...more };
}

export interface LogBook {
  /** In order of arrival, and of time. */
  readonly items: LogItem[];
  /** Items a page at most, as a search that is cut. */
  pageMost: number;
  /** Called before each page is answered; throwing refuses. */
  onPage: () => void;
}

export function logBook(gateway: TestGateway): LogBook {
  const book: LogBook = { items: [], pageMost: 1000, onPage: () => {} };
  const { answers } = gateway.bus;
  answers.readLogs = ({ order, limit, cursor, upTo }) => {
    book.onPage();
    const all = upTo === undefined ? [...book.items] : book.items.slice(0, Number(upTo.slice(1)));
    if (order === 'backward') all.reverse();
    // Of what arrives meanwhile the newest would move the places of a page that goes backward.
    const from = cursor === undefined ? 0 : Number(cursor);
    const until = from + Math.min(limit, book.pageMost);
    const nextCursor = until < all.length ? String(until) : null;
    return { items: all.slice(from, until), nextCursor, previousCursor: null };
  };
  answers.followLogs = async ({ after, limit, waitMs }) => {
    const known = after === null ? book.items.length : Number(after.slice(1));
    if (known === book.items.length && waitMs > 0) await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
    const items = after === null ? [] : book.items.slice(known, known + limit);
    return { items, after: `p${known + items.length}` };
  };
  return book;
}
