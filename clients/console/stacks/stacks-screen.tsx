// All stacks.
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useCallback, useMemo } from 'react';
import { stacks } from '../api/queries.ts';
import type { Stack } from '../api/shapes.ts';
import type { Column } from '../lists/column.ts';
import type { Searchable } from '../lists/filter.ts';
import { ListView } from '../lists/list-view.tsx';
import { StateCounts } from '../lists/state-counts.tsx';
import { Age } from '../parts/age.tsx';
import { Empty } from '../parts/empty.tsx';
import { State } from '../parts/marks.tsx';
import { useNodeNames } from './node-names.ts';
import { countBehind, countRunning, severity, stackState, targetsText } from './stack-state.ts';

const STATES = ['running', 'degraded', 'failed', 'applying', 'removing', 'pending', 'stopped'];
const keyOf = (stack: Stack) => stack.name;

function columns(nameOf: (id: string) => string): Column<Stack>[] {
  return [
    {
      key: 'name',
      title: 'Name',
      width: 160,
      grow: 1.2,
      value: (stack) => stack.name,
      cell: (stack) => (
        <Link to="/stacks/$stackName" params={{ stackName: stack.name }} className="row-link font-medium">
          {stack.name}
        </Link>
      ),
    },
    {
      key: 'state',
      title: 'State',
      width: 110,
      grow: 0.7,
      value: severity,
      cell: (stack) => <State state={stackState(stack)} />,
    },
    {
      key: 'targets',
      title: 'Runs on',
      width: 180,
      grow: 1.6,
      value: (stack) => targetsText(stack.targets, nameOf),
      cell: (stack) => <span className="text-ink-2">{targetsText(stack.targets, nameOf)}</span>,
    },
    {
      key: 'nodes',
      title: 'Nodes',
      width: 88,
      end: true,
      value: (stack) => stack.nodes.length,
      cell: (stack) => `${countRunning(stack)} of ${stack.nodes.length}`,
    },
    {
      key: 'revision',
      title: 'Revision',
      width: 120,
      end: true,
      value: (stack) => stack.revision,
      cell: (stack) => (
        <>
          {countBehind(stack) > 0 && <span className="text-ink-3">{countBehind(stack)} behind · </span>}
          {stack.revision}
        </>
      ),
    },
    {
      key: 'deployment',
      title: 'Deployment',
      width: 88,
      value: (stack) => stack.deployment,
      cell: (stack) =>
        stack.deployment === null ? (
          <span className="text-ink-3">–</span>
        ) : (
          <Link to="/deployments/$deploymentId" params={{ deploymentId: stack.deployment }} className="link above-row">
            latest
          </Link>
        ),
    },
    {
      key: 'updated',
      title: 'Changed',
      width: 72,
      end: true,
      value: (stack) => Date.parse(stack.updatedAt),
      cell: (stack) => <Age at={stack.updatedAt} />,
    },
  ];
}

export function StacksScreen() {
  const list = useQuery(stacks);
  const nameOf = useNodeNames();
  const shown = useMemo(() => columns(nameOf), [nameOf]);
  const searchable = useCallback(
    (stack: Stack): Searchable => ({
      fields: { state: [stackState(stack)], name: [stack.name], node: stack.nodes.map(({ node }) => nameOf(node)) },
      text: [stack.name, targetsText(stack.targets, nameOf)].join(' '),
    }),
    [nameOf],
  );
  const deploy = (
    <Link to="/deploy" className="button button-main">
      Deploy stack
    </Link>
  );
  return (
    <ListView
      title="Stacks"
      rows={list.data}
      error={list.error}
      onRetry={() => void list.refetch()}
      columns={shown}
      keyOf={keyOf}
      searchable={searchable}
      sort="name"
      hint="name, state:failed, node:nas-1"
      counts={<StateCounts states={(list.data ?? []).map(stackState)} order={STATES} />}
      actions={deploy}
      empty={
        <Empty title="No stacks yet" action={deploy}>
          A stack is a Compose file with the nodes it should run on.
        </Empty>
      }
    />
  );
}
