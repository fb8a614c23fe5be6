// One stack: where and how it runs, its compose text, its revisions.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { putStack, removeStack } from '../api/changes.ts';
import { Problem } from '../api/problem.ts';
import { stack as stackQuery } from '../api/queries.ts';
import type { StackDetail } from '../api/shapes.ts';
import { Age } from '../parts/age.tsx';
import { Empty, Loading } from '../parts/empty.tsx';
import { Section } from '../parts/facts-list.tsx';
import { State } from '../parts/marks.tsx';
import { ProblemPage, ProblemView } from '../parts/problem-view.tsx';
import { RemovalDialog } from '../parts/removal-dialog.tsx';
import { plural } from '../parts/words.ts';
import { useNodeNames } from './node-names.ts';
import { NodesOfStack } from './nodes-of-stack.tsx';
import { Revisions } from './revisions.tsx';
import { Specification } from './specification.tsx';
import { stackState, targetsText } from './stack-state.ts';

function Removal({ stack, onClose }: { stack: StackDetail; onClose: () => void }) {
  const navigate = useNavigate();
  const [volumes, setVolumes] = useState(false);
  const remove = useMutation({
    mutationFn: () => removeStack(stack.name, volumes),
    onSuccess: ({ deployment }) => navigate({ to: '/deployments/$deploymentId', params: { deploymentId: deployment } }),
  });
  return (
    <RemovalDialog
      title={`Remove ${stack.name}`}
      name={stack.name}
      verb="Remove stack"
      busy={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate()}
      onClose={onClose}
    >
      <p>Its containers and networks on {plural(stack.nodes.length, 'node')} are stopped and removed.</p>
      <p className="text-ink">
        <strong className="font-semibold">What stays:</strong>{' '}
        {volumes
          ? 'other stacks. Named volumes are deleted with all they hold.'
          : 'named volumes with all they hold, and every other stack, which keeps running.'}
      </p>
      <label className="flex items-center gap-2 text-ink">
        <input
          type="checkbox"
          className="size-4 accent-accent"
          checked={volumes}
          onChange={(event) => setVolumes(event.target.checked)}
        />
        Delete its named volumes too
      </label>
    </RemovalDialog>
  );
}

function Actions({ stack }: { stack: StackDetail }) {
  const cache = useQueryClient();
  const [removing, setRemoving] = useState(false);
  const isStopped = stack.state === 'stopped';
  const turn = useMutation({
    mutationFn: () => putStack(stack.name, { ...stack.spec, state: isStopped ? 'running' : 'stopped' }),
    onSuccess: () => cache.invalidateQueries({ queryKey: ['stack', stack.name] }),
  });
  return (
    <div className="flex flex-wrap items-center justify-end gap-2">
      {turn.error && <ProblemView error={turn.error} />}
      {stack.deployment !== null && (
        <Link to="/deployments/$deploymentId" params={{ deploymentId: stack.deployment }} className="button">
          Latest deployment
        </Link>
      )}
      <button type="button" className="button" disabled={turn.isPending} onClick={() => turn.mutate()}>
        {isStopped ? 'Start' : 'Stop'}
      </button>
      <button type="button" className="button button-bad" onClick={() => setRemoving(true)}>
        Remove …
      </button>
      <Link to="/deploy" search={{ stack: stack.name }} className="button button-main">
        Change and deploy
      </Link>
      {removing && <Removal stack={stack} onClose={() => setRemoving(false)} />}
    </div>
  );
}

export function StackScreen() {
  const { stackName } = useParams({ from: '/stacks/$stackName' });
  const { data: stack, error, refetch } = useQuery(stackQuery(stackName));
  const nameOf = useNodeNames();
  if (error instanceof Problem && error.status === 404)
    return (
      <Empty
        isPage
        title="No such stack"
        action={
          <Link to="/stacks" className="button">
            All stacks
          </Link>
        }
      >
        It was removed, or the address is not right.
      </Empty>
    );
  if (stack === undefined && error) return <ProblemPage error={error} onRetry={() => void refetch()} />;
  if (stack === undefined) return <Loading what="the stack" />;
  return (
    <div className="px-5 pt-3 pb-8">
      <header className="mb-4 flex flex-wrap items-center gap-x-4 gap-y-2">
        <h1 className="text-title font-semibold">{stack.name}</h1>
        <State state={stackState(stack)} />
        <span className="text-ink-3">
          revision {stack.revision}, changed <Age at={stack.updatedAt} suffix=" ago" />
        </span>
        <span className="text-ink-3">on {targetsText(stack.targets, nameOf)}</span>
        <div className="ml-auto">
          <Actions stack={stack} />
        </div>
      </header>
      <div className="grid gap-6 xl:grid-cols-[minmax(0,1fr)_minmax(360px,.8fr)]">
        <div className="min-w-0 space-y-6">
          <Section title="Nodes">
            <NodesOfStack stack={stack} nameOf={nameOf} />
          </Section>
          <Section title="Revisions">
            <Revisions stack={stack.name} current={stack.revision} />
          </Section>
        </div>
        <Specification spec={stack.spec} />
      </div>
    </div>
  );
}
