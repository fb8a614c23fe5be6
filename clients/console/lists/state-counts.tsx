// How many of each state; a click shows only those.
import { Mark } from '../parts/marks.tsx';
import { toggleToken } from './filter.ts';
import { useListSearch } from './list-search.ts';

export function StateCounts({ states, order }: { states: readonly string[]; order: readonly string[] }) {
  const { search, change } = useListSearch();
  const filter = search.q ?? '';
  const counts = order
    .map((state) => ({ state, count: states.filter((each) => each === state).length }))
    .filter(({ count }) => count > 0);
  return (
    <ul className="flex flex-wrap items-center gap-1" aria-label="By state">
      {counts.map(({ state, count }) => (
        <li key={state}>
          <button
            type="button"
            aria-pressed={filter.split(/\s+/).includes(`state:${state}`)}
            onClick={() => change({ q: toggleToken(filter, 'state', state) })}
            className="flex h-6 items-center gap-1.5 rounded-md px-1.5 text-ink-2 hover:bg-hover aria-pressed:bg-accent-soft aria-pressed:text-ink"
          >
            <Mark state={state} />
            <span>
              <span className="font-medium text-ink">{count}</span> {state}
            </span>
          </button>
        </li>
      ))}
    </ul>
  );
}
