// One stack: where and how it runs, what it is made of, its revisions, how it is looked after.
import { useQuery } from '@tanstack/react-query';
import { Link, useParams, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { Problem } from '#clients/sdk/problem.ts';
import { stack as stackQuery } from '../api/queries.ts';
import type { StackDetail } from '../api/shapes.ts';
import { Age } from '../parts/age.tsx';
import { Empty, Loading } from '../parts/empty.tsx';
import { Mark, State } from '../parts/marks.tsx';
import { ProblemPage, ProblemView } from '../parts/problem-view.tsx';
import { Tabs } from '../parts/tabs.tsx';
import { plural } from '../parts/words.ts';
import { ActionsMenu } from './actions-menu.tsx';
import { countDrifted } from './drift-words.ts';
import { LogsOfStack } from './logs-of-stack.tsx';
import { useNodeNames } from './node-names.ts';
import { NodesOfStack } from './nodes-of-stack.tsx';
import { PresentPlan } from './present-plan.tsx';
import { Removal } from './removal.tsx';
import { Revisions } from './revisions.tsx';
import { Settings } from './settings.tsx';
import { Specification } from './specification.tsx';
import { stackState, targetsText } from './stack-state.ts';

function Header({ stack, nameOf }: { stack: StackDetail; nameOf: (id: string) => string }) {
  const [removing, setRemoving] = useState(false);
  const drifted = countDrifted(stack);
  return (
    <header className="mb-2 flex flex-wrap items-center gap-x-4 gap-y-2">
      <h1 className="text-title font-semibold">{stack.name}</h1>
      <State state={stackState(stack)}>{stackState(stack).replace('-', ' ')}</State>
      {drifted > 0 && (
        <span className="flex items-center gap-1.5 text-warn">
          <Mark state="drifted" /> drift on {plural(drifted, 'node')}
        </span>
      )}
      <span className="text-ink-3">
        revision {stack.revision}, changed <Age at={stack.updatedAt} suffix=" ago" />
      </span>
      <span className="text-ink-3">on {targetsText(stack.targets, nameOf)}</span>
      <div className="ml-auto flex flex-wrap items-center justify-end gap-2">
        {stack.deployment !== null && (
          <Link to="/deployments/$deploymentId" params={{ deploymentId: stack.deployment }} className="button">
            Latest deployment
          </Link>
        )}
        <Link to="/deployments" search={{ q: `stack:${stack.name}` }} className="button">
          All deployments
        </Link>
        <PresentPlan stack={stack.name} />
        <ActionsMenu stack={stack} nameOf={nameOf} />
        <button type="button" className="button button-bad" onClick={() => setRemoving(true)}>
          Remove …
        </button>
        <Link to="/deploy" search={{ stack: stack.name }} className="button button-main">
          Change and deploy
        </Link>
      </div>
      {removing && <Removal stack={stack} onClose={() => setRemoving(false)} />}
    </header>
  );
}

export function StackScreen() {
  const { stackName } = useParams({ from: '/stacks/$stackName' });
  const { tab = 'services' } = useSearch({ from: '/stacks/$stackName' });
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
      <Header stack={stack} nameOf={nameOf} />
      {error && (
        <div className="mb-4">
          <ProblemView error={error} onRetry={() => void refetch()} />
        </div>
      )}
      <Tabs
        label={`Parts of ${stack.name}`}
        open={tab}
        tabs={[
          { key: 'services', title: 'Nodes and services', count: stack.nodes.length },
          { key: 'logs', title: 'Logs' },
          { key: 'compose', title: 'Compose' },
          { key: 'revisions', title: 'Revisions', count: stack.revision },
          { key: 'settings', title: 'Settings' },
        ]}
      />
      {tab === 'services' && <NodesOfStack stack={stack} nameOf={nameOf} />}
      {tab === 'logs' && <LogsOfStack stack={stack.name} />}
      {tab === 'compose' && <Specification stack={stack} />}
      {tab === 'revisions' && <Revisions stack={stack.name} current={stack.revision} />}
      {tab === 'settings' && <Settings stack={stack} />}
    </div>
  );
}
