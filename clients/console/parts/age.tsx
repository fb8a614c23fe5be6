// How long ago, ticking; the exact time stands in the title and for machines.
import { useNow } from './clock.ts';
import { duration, elapsed, running } from './words.ts';

export function Age({ at, staleAfterMs, suffix = '' }: { at: string | null; staleAfterMs?: number; suffix?: string }) {
  const now = useNow();
  if (at === null) return <span className="text-ink-3">never</span>;
  const age = now - Date.parse(at);
  const stale = staleAfterMs !== undefined && age > staleAfterMs;
  return (
    <time dateTime={at} title={new Date(at).toLocaleString()} className={stale ? 'text-ink-3' : ''}>
      {duration(age)}
      {suffix}
    </time>
  );
}

/** Between two moments, or still running. */
export function Elapsed({ from, to }: { from: string; to: string | null }) {
  const now = useNow();
  const start = Date.parse(from);
  return <span className="tabular-nums">{to === null ? running(now - start) : elapsed(Date.parse(to) - start)}</span>;
}
