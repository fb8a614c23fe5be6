// The revisions of a stack, newest first: compare any two, go back to one.
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { deploymentsOf, revisions } from '../api/queries.ts';
import type { DeploymentSummary, Revision } from '../api/shapes.ts';
import { Age } from '../parts/age.tsx';
import { Loading } from '../parts/empty.tsx';
import { State } from '../parts/marks.tsx';
import { ProblemView } from '../parts/problem-view.tsx';
import { Compare } from './compare.tsx';
import { outcomeOf } from './revision-words.ts';
import { RollbackDialog } from './rollback.tsx';

const BACK_HEAD = 'Roll back';

function Outcome({ each, deployments }: { each: Revision; deployments: readonly DeploymentSummary[] }) {
  if (each.deployment === null) return <span className="text-ink-3">none</span>;
  const known = outcomeOf(deployments, each.deployment);
  return (
    <Link
      to="/deployments/$deploymentId"
      params={{ deploymentId: each.deployment }}
      className="link inline-flex max-w-full"
    >
      {known === null ? 'steps' : <State state={known.state}>{known.state.replace('-', ' ')}</State>}
    </Link>
  );
}

interface RowProps {
  each: Revision;
  isCurrent: boolean;
  isPicked: boolean;
  deployments: readonly DeploymentSummary[];
  onPick: () => void;
  onBack: () => void;
}

function Row({ each, isCurrent, isPicked, deployments, onPick, onBack }: RowProps) {
  return (
    <tr className="border-t border-line [&>td]:h-9">
      <td className="pl-4">
        <input
          type="checkbox"
          className="block size-4 accent-accent"
          aria-label={`Compare revision ${each.revision}`}
          checked={isPicked}
          onChange={onPick}
        />
      </td>
      <td className="font-medium whitespace-nowrap">
        {each.revision}
        {isCurrent && <span className="ml-2 font-normal text-ink-3">current</span>}
      </td>
      <td className="truncate">{each.createdBy}</td>
      <td className="hidden font-mono text-mono text-ink-3 sm:table-cell" title={each.hash}>
        {each.commit === null ? each.hash.slice(0, 12) : `git ${each.commit.slice(0, 10)}`}
      </td>
      <td>
        <Outcome each={each} deployments={deployments} />
      </td>
      <td className="hidden text-right sm:table-cell">
        <Age at={each.createdAt} />
      </td>
      <td className="pr-4 text-right">
        {!isCurrent && (
          <button
            type="button"
            className="button button-quiet"
            aria-label={`Roll back to revision ${each.revision}`}
            onClick={onBack}
          >
            {BACK_HEAD}
          </button>
        )}
      </td>
    </tr>
  );
}

export function Revisions({ stack, current }: { stack: string; current: number }) {
  const { data, error, refetch } = useQuery(revisions(stack));
  const { data: deployments } = useQuery(deploymentsOf(stack));
  const [picked, setPicked] = useState<readonly number[]>([]);
  const [open, setOpen] = useState<'compare' | number | null>(null);
  if (error && data === undefined) return <ProblemView error={error} onRetry={() => void refetch()} />;
  if (data === undefined) return <Loading what="revisions" />;
  // A third one takes the place of the one that was picked first.
  const pick = (revision: number) =>
    setPicked((held) =>
      held.includes(revision) ? held.filter((each) => each !== revision) : [...held, revision].slice(-2),
    );
  const [old, fresh] = picked.toSorted((a, b) => a - b);
  return (
    <div className="space-y-2">
      <div className="flex flex-wrap items-center gap-3">
        <button type="button" className="button" disabled={fresh === undefined} onClick={() => setOpen('compare')}>
          {fresh === undefined ? 'Compare' : `Compare ${old} with ${fresh}`}
        </button>
        <span className="text-ink-3">{fresh === undefined ? 'Pick two revisions to see what differs.' : ''}</span>
      </div>
      <div className="panel overflow-x-auto">
        <table className="w-full text-left" aria-label="Revisions">
          <thead>
            <tr className="column-title [&>th]:h-8 [&>th]:font-medium">
              <th className="w-11 pl-4">
                <span className="sr-only">Compare</span>
              </th>
              <th className="w-32">Revision</th>
              <th>By</th>
              <th className="hidden sm:table-cell">Content</th>
              <th>Deployment</th>
              <th className="hidden text-right sm:table-cell">When</th>
              <th className="w-28 pr-4">
                <span className="sr-only">{BACK_HEAD}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {data.items.map((each) => (
              <Row
                key={each.revision}
                each={each}
                isCurrent={each.revision === current}
                isPicked={picked.includes(each.revision)}
                deployments={deployments?.items ?? []}
                onPick={() => pick(each.revision)}
                onBack={() => setOpen(each.revision)}
              />
            ))}
          </tbody>
        </table>
      </div>
      {open === 'compare' && old !== undefined && fresh !== undefined && (
        <Compare stack={stack} pair={[old, fresh]} onClose={() => setOpen(null)} />
      )}
      {typeof open === 'number' && <RollbackDialog stack={stack} revision={open} onClose={() => setOpen(null)} />}
    </div>
  );
}
