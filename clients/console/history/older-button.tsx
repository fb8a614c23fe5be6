// Reads what happened before what a list holds, into the list.
import { type QueryKey, useMutation, useQueryClient } from '@tanstack/react-query';
import { Problem } from '#clients/sdk/problem.ts';
import { call } from '../api/http.ts';
import type { Page } from '../api/shapes.ts';

interface Props {
  /** Of the list in the cache. */
  queryKey: QueryKey;
  /** `/events` */
  address: string;
  /** Null: there is nothing before. */
  cursor: string | null | undefined;
}

const LIMIT = 500;

export function OlderButton({ queryKey, address, cursor }: Props) {
  const cache = useQueryClient();
  const read = useMutation({
    mutationFn: (from: string) =>
      call<Page<unknown>>('GET', `${address}?${new URLSearchParams({ limit: String(LIMIT), cursor: from })}`),
    onSuccess: (page) =>
      cache.setQueryData<Page<unknown>>(queryKey, (held) =>
        held === undefined ? undefined : { items: [...held.items, ...page.items], nextCursor: page.nextCursor },
      ),
  });
  if (cursor === null || cursor === undefined) return null;
  const fault = read.error instanceof Problem ? read.error.title : read.error?.message;
  return (
    <button
      type="button"
      className="button"
      disabled={read.isPending}
      title={fault ?? 'Read what happened before the oldest that is listed'}
      onClick={() => read.mutate(cursor)}
    >
      {read.isPending ? 'Reading …' : fault === undefined ? 'Older' : 'Older: try again'}
    </button>
  );
}
