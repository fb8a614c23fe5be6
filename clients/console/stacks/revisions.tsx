// The revisions of a stack, newest first.
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { revisions } from '../api/queries.ts';
import { Age } from '../parts/age.tsx';
import { ProblemView } from '../parts/problem-view.tsx';

export function Revisions({ stack, current }: { stack: string; current: number }) {
  const { data, error, refetch } = useQuery(revisions(stack));
  if (error && data === undefined) return <ProblemView error={error} onRetry={() => void refetch()} />;
  return (
    <div className="panel max-h-[420px] overflow-auto">
      <table className="w-full text-left" aria-label="Revisions">
        <thead>
          <tr className="column-title [&>th]:h-7 [&>th]:font-medium">
            <th className="w-28 pl-4">Revision</th>
            <th>By</th>
            <th>Content</th>
            <th>Deployment</th>
            <th className="pr-4 text-right">When</th>
          </tr>
        </thead>
        <tbody>
          {(data?.items ?? []).map((each) => (
            <tr key={each.revision} className="border-t border-line [&>td]:h-7">
              <td className="pl-4 font-medium">
                {each.revision}
                {each.revision === current && <span className="ml-2 font-normal text-ink-3">current</span>}
              </td>
              <td>{each.createdBy}</td>
              <td className="font-mono text-mono text-ink-3">{each.hash.slice(0, 12)}</td>
              <td>
                {each.deployment !== null && (
                  <Link to="/deployments/$deploymentId" params={{ deploymentId: each.deployment }} className="link">
                    steps
                  </Link>
                )}
              </td>
              <td className="pr-4 text-right">
                <Age at={each.createdAt} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
