// How long ago, ticking; the exact time stands in the title and for machines.
import { useNow } from './clock.ts';
import { duration } from './words.ts';

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
export function Elapsed({ from, to, format }: { from: string; to: string | null; format: (ms: number) => string }) {
  const now = useNow();
  return <span>{format((to === null ? now : Date.parse(to)) - Date.parse(from))}</span>;
}
