// One deployment as it goes: its nodes, and each step on the one that is open, with why and what the tool said.
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { Problem } from '../api/problem.ts';
import { deployment as deploymentQuery } from '../api/queries.ts';
import type { Deployment } from '../api/shapes.ts';
import { Age, Elapsed } from '../parts/age.tsx';
import { Empty, Loading } from '../parts/empty.tsx';
import { State } from '../parts/marks.tsx';
import { ProblemPage } from '../parts/problem-view.tsx';
import { plural } from '../parts/words.ts';
import { Outcome } from './outcome.tsx';
import { Steps } from './steps.tsx';
import { openAtFirst, TargetList } from './target-list.tsx';

function Header({ deployment }: { deployment: Deployment }) {
  const verb = deployment.kind === 'remove' ? 'Removal of' : 'Deployment of';
  return (
    <header className="mb-4 flex flex-wrap items-center gap-x-4 gap-y-2">
      <h1 className="text-title font-semibold">
        {verb}{' '}
        <Link to="/stacks/$stackName" params={{ stackName: deployment.stack }} className="link">
          {deployment.stack}
        </Link>
      </h1>
      <State state={deployment.state} />
      <span className="text-ink-3">
        revision {deployment.revision} · {plural(deployment.targets.length, 'node')} · {deployment.createdBy} ·{' '}
        <Age at={deployment.createdAt} suffix=" ago" /> · {deployment.finishedAt === null ? 'running for ' : 'took '}
        <Elapsed from={deployment.createdAt} to={deployment.finishedAt} />
      </span>
    </header>
  );
}

export function DeploymentScreen() {
  const { deploymentId } = useParams({ from: '/deployments/$deploymentId' });
  const { data: deployment, error, refetch } = useQuery(deploymentQuery(deploymentId));
  const [picked, setPicked] = useState<string | null>(null);
  if (error instanceof Problem && error.status === 404 && deployment === undefined)
    return (
      <Empty
        isPage
        title="No such deployment"
        action={
          <Link to="/stacks" className="button">
            All stacks
          </Link>
        }
      />
    );
  if (deployment === undefined && error) return <ProblemPage error={error} onRetry={() => void refetch()} />;
  if (deployment === undefined) return <Loading what="the deployment" />;
  const open = picked ?? openAtFirst(deployment.targets);
  const target = deployment.targets.find((each) => each.node === open);
  return (
    <div className="flex min-h-full flex-col px-5 pt-3 pb-6">
      <Header deployment={deployment} />
      <Outcome deployment={deployment} />
      {deployment.targets.length === 0 ? (
        <Empty title="No node matches">It goes on by itself as soon as a node matches the stack’s targets.</Empty>
      ) : (
        <div className="grid min-h-0 flex-1 items-start gap-6 lg:grid-cols-[280px_minmax(0,1fr)]">
          <TargetList targets={deployment.targets} open={open} onOpen={setPicked} />
          {target && <Steps target={target} />}
        </div>
      )}
    </div>
  );
}
