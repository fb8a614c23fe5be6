// A line that is pointed at may lie further back than a page: pages are read until it is there.
import { useEffect, useRef } from 'react';
import type { FeedState, LogFeed } from './log-feed.ts';

/** Some ten thousand lines. Then somebody scrolls, or asks for less. */
const PAGES_MOST = 20;

export function useWayToLine(feed: LogFeed, { held, isReading, error }: FeedState, line: string | null): void {
  const read = useRef({ line, pages: 0 });
  const isMissing = line !== null && held !== null && !held.items.some(({ id }) => id === line);
  const hasOlder = held !== null && held.older !== null;
  useEffect(() => {
    if (read.current.line !== line) read.current = { line, pages: 0 };
    if (!isMissing || !hasOlder || isReading || error !== null || read.current.pages >= PAGES_MOST) return;
    read.current.pages += 1;
    void feed.readOlder();
  }, [feed, line, isMissing, hasOlder, isReading, error]);
}
