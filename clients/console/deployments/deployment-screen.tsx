// One deployment as it goes: its nodes, and each step on the one that is open, with why and what the tool said.
import { Link, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { Problem } from '#clients/sdk/problem.ts';
import type { Deployment } from '../api/shapes.ts';
import { Age, Elapsed } from '../parts/age.tsx';
import { Empty, Loading } from '../parts/empty.tsx';
import { Mark, State } from '../parts/marks.tsx';
import { ProblemPage } from '../parts/problem-view.tsx';
import { plural } from '../parts/words.ts';
import { Outcome } from './outcome.tsx';
import { TITLES } from './result.ts';
import { Steps } from './steps.tsx';
import { isMany, TargetList } from './target-list.tsx';
import { countsOf, openAtFirst } from './target-words.ts';
import { useDeployment } from './use-deployment.ts';

function Header({ deployment, isPaused }: { deployment: Deployment; isPaused: boolean }) {
  const counts = countsOf(deployment.targets);
  return (
    <header className="mb-4 flex flex-wrap items-center gap-x-4 gap-y-2">
      <h1 className="text-title font-semibold">
        {TITLES[deployment.kind]}{' '}
        <Link to="/stacks/$stackName" params={{ stackName: deployment.stack }} className="link">
          {deployment.stack}
        </Link>
      </h1>
      <State state={deployment.state}>{deployment.state.replace('-', ' ')}</State>
      <span className="text-ink-3">
        revision {deployment.revision} · {plural(deployment.targets.length, 'node')} · {deployment.createdBy} ·{' '}
        <Age at={deployment.createdAt} suffix=" ago" /> · {deployment.finishedAt === null ? 'running for ' : 'took '}
        <Elapsed from={deployment.createdAt} to={deployment.finishedAt} />
      </span>
      {counts.length > 1 && (
        <ul aria-label="Nodes by state" className="flex flex-wrap gap-x-3 text-ink-2">
          {counts.map(({ state, count }) => (
            <li key={state} className="flex items-center gap-1.5">
              <Mark state={state} /> {count} {state.replace('-', ' ')}
            </li>
          ))}
        </ul>
      )}
      {isPaused && (
        <span role="status" className="text-warn">
          Output paused — reconnecting
        </span>
      )}
    </header>
  );
}

function Followed({ id }: { id: string }) {
  const { deployment, error, isPaused, refetch } = useDeployment(id);
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
  if (deployment === undefined && error) return <ProblemPage error={error} onRetry={refetch} />;
  if (deployment === undefined) return <Loading what="the deployment" />;
  // What was open stays open: a page that jumps to another node can't be read.
  const open = picked ?? openAtFirst(deployment.targets);
  if (picked === null && open !== null) setPicked(open);
  const target = deployment.targets.find((each) => each.node === open);
  const columns = isMany(deployment.targets) ? '' : 'lg:grid-cols-[300px_minmax(0,1fr)]';
  return (
    <div className="flex min-h-full flex-col px-5 pt-3 pb-6">
      <Header deployment={deployment} isPaused={isPaused} />
      <Outcome deployment={deployment} />
      {deployment.targets.length === 0 ? (
        <Empty title="No node matches">It goes on by itself as soon as a node matches the stack’s targets.</Empty>
      ) : (
        <div className={`grid min-h-0 flex-1 grid-cols-[minmax(0,1fr)] content-start items-start gap-6 ${columns}`}>
          <TargetList targets={deployment.targets} open={open} onOpen={setPicked} />
          {target && <Steps key={target.node} target={target} />}
        </div>
      )}
    </div>
  );
}

export function DeploymentScreen() {
  const { deploymentId } = useParams({ from: '/deployments/$deploymentId' });
  return <Followed key={deploymentId} id={deploymentId} />;
}
