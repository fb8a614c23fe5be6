// Filter, sort and columns of a list live in the address, so that a view can be sent to somebody.
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback } from 'react';

export interface ListSearch {
  q?: string | undefined;
  sort?: string | undefined;
  cols?: string | undefined;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value.slice(0, 1000) : undefined;
}

function without<Shape extends object>(search: Shape): Shape {
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined)) as Shape;
}

export function listSearch(search: Record<string, unknown>): ListSearch {
  return without({ q: text(search['q']), sort: text(search['sort']), cols: text(search['cols']) });
}

export function useListSearch(): { search: ListSearch; change: (patch: ListSearch) => void } {
  const search: ListSearch = useSearch({ strict: false });
  const navigate = useNavigate();
  const change = useCallback(
    (patch: ListSearch) =>
      void navigate({ to: '.', search: (held: ListSearch) => listSearch({ ...held, ...patch }), replace: true }),
    [navigate],
  );
  return { search, change };
}
