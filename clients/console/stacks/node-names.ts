// Names of nodes by id, from the list that is held anyway.
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { nodes } from '../api/queries.ts';

export function useNodeNames(): (id: string) => string {
  const { data } = useQuery(nodes);
  return useMemo(() => {
    const names = new Map((data ?? []).map((node) => [node.id, node.name]));
    return (id: string) => names.get(id) ?? `${id.slice(0, 8)}…`;
  }, [data]);
}
