// Labels as chips; in a list a click filters by one.

import { toggleToken } from '../lists/filter.ts';
import { useListSearch } from '../lists/list-search.ts';

function words(key: string, value: string): string {
  return value === '' ? key : `${key}=${value}`;
}

function FilterChip({ text }: { text: string }) {
  const { search, change } = useListSearch();
  return (
    <button
      type="button"
      className="chip above-row hover:border-control hover:text-ink"
      title={`Only ${text}`}
      tabIndex={-1}
      onClick={() => change({ q: toggleToken(search.q ?? '', 'label', text) })}
    >
      <span className="truncate">{text}</span>
    </button>
  );
}

export function LabelChips({ labels, filter = false }: { labels: Readonly<Record<string, string>>; filter?: boolean }) {
  const all = Object.entries(labels).map(([key, value]) => words(key, value));
  if (all.length === 0) return <span className="text-ink-3">–</span>;
  return (
    <span className="flex min-w-0 items-center gap-1 overflow-hidden" title={all.join('  ')}>
      {all.map((text) =>
        filter ? (
          <FilterChip key={text} text={text} />
        ) : (
          <span key={text} className="chip">
            {text}
          </span>
        ),
      )}
    </span>
  );
}
