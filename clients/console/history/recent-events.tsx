// The last things that happened to one node or deployment.
import { useQuery } from '@tanstack/react-query';
import { events } from '../api/queries.ts';
import { Age } from '../parts/age.tsx';
import { plain } from '../parts/ansi.ts';
import { Mark } from '../parts/marks.tsx';
import { ProblemView } from '../parts/problem-view.tsx';
import { factDetail, factState, factTitle } from './fact-words.ts';

const MOST = 12;

export function RecentEvents({ subject }: { subject: string }) {
  const { data, error, refetch } = useQuery(events);
  if (error && data === undefined) return <ProblemView error={error} onRetry={() => void refetch()} />;
  // A node tells its facts a moment after they happened; here they stand as they happened.
  const own = (data?.items ?? [])
    .filter((fact) => fact.subject === subject)
    .toSorted((a, b) => b.time.localeCompare(a.time))
    .slice(0, MOST);
  if (own.length === 0) return <p className="panel px-4 py-3 text-ink-3">Nothing lately.</p>;
  return (
    <ol className="panel divide-y divide-line overflow-hidden">
      {own.map((fact) => (
        <li key={fact.id} className="flex h-7 items-center gap-3 px-4">
          <Mark state={factState(fact)} />
          <span className="w-32 shrink-0 truncate font-medium">{factTitle(fact.type)}</span>
          <span className="min-w-0 flex-1 truncate text-ink-2">{plain(factDetail(fact))}</span>
          <span className="shrink-0 text-ink-3">
            <Age at={fact.time} />
          </span>
        </li>
      ))}
    </ol>
  );
}
