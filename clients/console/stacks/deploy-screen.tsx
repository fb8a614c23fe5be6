// Deploying: a new stack, or a change to one, which is read anew first: what is held may be older than the newest revision,
// and a form that began with it would take that back.
import { useQuery } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { stack as stackQuery } from '../api/queries.ts';
import { Loading } from '../parts/empty.tsx';
import { ProblemPage } from '../parts/problem-view.tsx';
import { type Base, baseOf, DeployForm } from './deploy-form.tsx';

function ChangeForm({ name }: { name: string }) {
  const { data, error, refetch, isFetching, isFetchedAfterMount } = useQuery({
    ...stackQuery(name),
    refetchOnMount: 'always',
    refetchInterval: false,
  });
  // What is being edited must not change under the operator's hands: later answers are not taken.
  const [base, setBase] = useState<Base | null>(null);
  if (base !== null) return <DeployForm from={base} />;
  if (error !== null && !isFetching) return <ProblemPage error={error} onRetry={() => void refetch()} />;
  if (data !== undefined && error === null && isFetchedAfterMount && !isFetching) setBase(baseOf(data));
  return <Loading what="the stack" />;
}

export function DeployScreen() {
  const { stack } = useSearch({ from: '/deploy' });
  return stack === undefined ? <DeployForm from={null} /> : <ChangeForm key={stack} name={stack} />;
}
