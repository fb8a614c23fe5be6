// The filter of logs in the address of whatever page they are on.
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback, useMemo } from 'react';
import { type LogSearch, logSearch } from './log-search.ts';

/** `all`: in place of what was said, instead of beside it. */
type Change = (patch: LogSearch, as?: 'part' | 'all') => void;

export function useLogSearch(): { search: LogSearch; change: Change } {
  const held: Readonly<Record<string, unknown>> = useSearch({ strict: false });
  const navigate = useNavigate();
  const said = JSON.stringify(logSearch(held));
  const search = useMemo(() => JSON.parse(said) as LogSearch, [said]);
  const change: Change = useCallback(
    (patch, as = 'part') =>
      void navigate({
        to: '.',
        search: ((before: Readonly<Record<string, unknown>>) => {
          const { tab } = before;
          const next = as === 'all' ? patch : { ...before, ...patch };
          return { ...(tab === undefined ? {} : { tab }), ...logSearch(next) };
        }) as never,
        // Another set of lines is another view, to which one can go back.
        replace: as === 'part',
      }),
    [navigate],
  );
  return { search, change };
}
