// The lines of a filter while their page is seen.
import { useEffect, useMemo, useSyncExternalStore } from 'react';
import { useVisible } from '../live/visible.ts';
import { type FeedState, type LogFeed, logFeed } from './log-feed.ts';
import { filterOf, isLive, type LogSearch } from './log-search.ts';

export function useLogFeed(search: LogSearch): { feed: LogFeed; state: FeedState } {
  const visible = useVisible();
  const asked = JSON.stringify(filterOf(search));
  const live = isLive(search);
  const feed = useMemo(() => logFeed(JSON.parse(asked), live), [asked, live]);
  useEffect(() => {
    if (!visible) return;
    const stop = new AbortController();
    void feed.run(stop.signal);
    return () => stop.abort();
  }, [feed, visible]);
  return { feed, state: useSyncExternalStore(feed.subscribe, feed.state) };
}
