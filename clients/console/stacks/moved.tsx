// Somebody was quicker: the newest revision is not the one that this was written on. Says so, shows what changed, and
// brings what was typed on top of it.
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { stack as stackQuery } from '../api/queries.ts';
import type { StackDetail } from '../api/shapes.ts';
import { ProblemView } from '../parts/problem-view.tsx';
import { Compare } from './compare.tsx';
import type { Draft } from './draft.ts';
import { PARTS, type Part, type Rebased } from './rebase.ts';

const FRAME = 'mb-4 rounded-lg border border-warn bg-warn-soft px-4 py-3';

interface Props {
  name: string;
  /** That this was written on; null: there should have been no such stack. */
  seen: number | null;
  onLoad: (newest: StackDetail) => void;
}

export function Moved({ name, seen, onLoad }: Props) {
  const { data, error, isFetching, refetch } = useQuery({ ...stackQuery(name), refetchOnMount: 'always' });
  const [comparing, setComparing] = useState(false);
  const newest = data === undefined || isFetching ? null : data.revision;
  return (
    <div role="alert" className={FRAME}>
      <p className="font-semibold text-warn">
        {seen === null
          ? `There is a stack named ${name} already`
          : `Revision ${newest ?? '…'} of ${name} is the newest now; this was written on revision ${seen}`}
      </p>
      <p className="mt-0.5">
        Nothing was changed.{' '}
        {seen === null
          ? 'Choose another name, or go on as a change of that stack: what you typed stays.'
          : 'Load the newest to go on: what you typed stays, all else is taken from it.'}
      </p>
      {error && (
        <div className="mt-2">
          <ProblemView error={error} onRetry={() => void refetch()} />
        </div>
      )}
      <div className="mt-2.5 flex flex-wrap items-center gap-2">
        {seen !== null && (
          <button
            type="button"
            className="button"
            disabled={newest === null || newest <= seen}
            onClick={() => setComparing(true)}
          >
            See what changed
          </button>
        )}
        <button
          type="button"
          className="button"
          disabled={newest === null}
          onClick={() => data !== undefined && onLoad(data)}
        >
          {seen === null ? `Change ${name} instead` : `Load revision ${newest ?? '…'}`}
        </button>
        <Link
          to="/stacks/$stackName"
          params={{ stackName: name }}
          search={seen === null ? {} : { tab: 'revisions' }}
          target="_blank"
          className="link"
        >
          {seen === null ? `Open ${name}` : 'All revisions'} <span className="text-ink-3">in a new tab</span>
        </Link>
      </div>
      {comparing && seen !== null && newest !== null && (
        <Compare stack={name} pair={[seen, newest]} onClose={() => setComparing(false)} />
      )}
    </div>
  );
}

export interface Loaded extends Pick<Rebased, 'both'> {
  readonly revision: number;
  readonly mine: Draft;
  readonly theirs: Draft;
}

interface LoadedProps {
  loaded: Loaded;
  draft: Draft;
  onTake: (part: Part, from: Draft) => void;
}

/** What became of what was typed; of what both changed, each can be taken. */
export function LoadedNotice({ loaded, draft, onTake }: LoadedProps) {
  const { revision, both, mine, theirs } = loaded;
  return (
    <div role="status" className={FRAME}>
      <p>
        <strong className="font-semibold">Revision {revision} is loaded.</strong>{' '}
        {both.length === 0
          ? 'What you typed stands in it; nothing of it was changed on both sides.'
          : 'What you typed stands in it. Changed on both sides:'}
      </p>
      {both.length > 0 && (
        <ul className="mt-1.5 space-y-1">
          {both.map((part) => {
            const isTheirs = draft[part] === theirs[part];
            return (
              <li key={part} className="flex flex-wrap items-center gap-x-3">
                <span>
                  {PARTS[part]}: {isTheirs ? `as in revision ${revision}` : 'as you typed it'}
                </span>
                <button
                  type="button"
                  className="button h-6"
                  aria-label={`${isTheirs ? 'Take mine' : `Take that of revision ${revision}`}: ${PARTS[part]}`}
                  onClick={() => onTake(part, isTheirs ? mine : theirs)}
                >
                  {isTheirs ? 'Take mine' : `Take that of revision ${revision}`}
                </button>
              </li>
            );
          })}
        </ul>
      )}
    </div>
  );
}
