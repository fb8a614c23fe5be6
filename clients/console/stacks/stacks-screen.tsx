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
import { Mark, State } from '../parts/marks.tsx';
import { plural } from '../parts/words.ts';
import { countDrifted } from './drift-words.ts';
import { useNodeNames } from './node-names.ts';
import { countBehind, countRunning, severity, sourceText, stackState, targetsText } from './stack-state.ts';

const STATES = ['running', 'degraded', 'rolled-back', 'failed', 'applying', 'removing', 'pending', 'stopped'];
const keyOf = (stack: Stack) => stack.name;

function Drift({ stack }: { stack: Stack }) {
  const count = countDrifted(stack);
  if (count === 0) return <span className="text-ink-3">–</span>;
  return (
    <span className="flex items-center gap-1.5 text-warn">
      <Mark state="drifted" /> {plural(count, 'node')}
    </span>
  );
}

function Source({ stack }: { stack: Stack }) {
  const error = stack.source?.error ?? null;
  return (
    <span className={error === null ? 'text-ink-2' : 'text-bad'} title={error ?? undefined}>
      {sourceText(stack)}
    </span>
  );
}

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
      cell: (stack) => <State state={stackState(stack)}>{stackState(stack).replace('-', ' ')}</State>,
    },
    {
      key: 'drift',
      title: 'Drift',
      width: 104,
      value: countDrifted,
      cell: (stack) => <Drift stack={stack} />,
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
      key: 'source',
      title: 'Source',
      width: 112,
      grow: 0.5,
      value: sourceText,
      cell: (stack) => <Source stack={stack} />,
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
      fields: {
        state: [stackState(stack)],
        name: [stack.name],
        node: stack.nodes.map(({ node }) => nameOf(node)),
        drift: [countDrifted(stack) > 0 ? 'yes' : 'no'],
        source: [stack.source === null ? 'sent' : 'git'],
      },
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
      hint="name, state:failed, drift:yes, node:nas-1"
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
