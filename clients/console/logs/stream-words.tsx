// Whether what is shown goes on.
import type { StreamState } from '../live/stream.ts';
import { useNow } from '../parts/clock.ts';
import { duration } from '../parts/words.ts';

function wordsOf(stream: StreamState, isLive: boolean): string {
  if (!isLive) return 'Of the past';
  if (stream.kind === 'down') {
    const wait = stream.retryAt - Date.now();
    return `Reconnecting${wait > 0 ? ` in ${duration(wait + 999)}` : ' …'}`;
  }
  return { connecting: 'Connecting …', live: 'Live', 'signed-out': 'Signed out', gone: 'Not followed' }[stream.kind];
}

export function StreamWords({ stream, isLive }: { stream: StreamState; isLive: boolean }) {
  useNow();
  const isDown = isLive && stream.kind === 'down';
  return (
    <span className={`flex items-center gap-1.5 text-label ${isDown ? 'font-medium text-warn' : 'text-ink-3'}`}>
      <svg viewBox="0 0 8 8" aria-hidden="true" className="size-2">
        {isLive && stream.kind === 'live' ? (
          <circle cx="4" cy="4" r="3" fill="currentColor" />
        ) : (
          <circle cx="4" cy="4" r="2.8" fill="none" stroke="currentColor" strokeWidth="1.4" />
        )}
      </svg>
      <span role="status">{wordsOf(stream, isLive)}</span>
    </span>
  );
}
