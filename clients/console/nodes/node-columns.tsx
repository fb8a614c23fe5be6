// Columns of the nodes list. Any label can be a column of its own.
import { Link } from '@tanstack/react-router';
import type { Node } from '../api/shapes.ts';
import type { Column } from '../lists/column.ts';
import { Age } from '../parts/age.tsx';
import { LabelChips } from '../parts/label-chips.tsx';
import { Mark, State } from '../parts/marks.tsx';
import { bytes, clockOffset } from '../parts/words.ts';
import { hasSkew, type NodeRow, nodeState, severity, staleAfterMs } from './node-row.ts';

const none = <span className="text-ink-3">–</span>;

export function StateOfNode({ node }: { node: Node }) {
  const state = nodeState(node);
  if (state === 'online' && hasSkew(node))
    return (
      <span className="flex items-center gap-2">
        <State state={state} />
        <span className="truncate text-warn">clock {clockOffset(node.clockOffsetMs ?? 0)}</span>
      </span>
    );
  if (state === 'online' || node.livenessSince === null) return <State state={state} />;
  return (
    <State state={state}>
      {state} {node.liveness === state && <Age at={node.livenessSince} />}
    </State>
  );
}

function Version({ node, usual }: { node: Node; usual: string | null }) {
  if (node.agentVersion === null) return none;
  const differs = usual !== null && node.agentVersion !== usual;
  return (
    <span className={differs ? 'text-warn' : ''} title={differs ? `Most nodes run ${usual}` : undefined}>
      {node.agentVersion}
      {differs && ' ≠'}
    </span>
  );
}

function Stacks({ row }: { row: NodeRow }) {
  if (row.stacks === 0) return none;
  const off = (['failed', 'degraded', 'applying', 'removing', 'pending'] as const).filter((phase) => row.phases[phase]);
  return (
    <span className="flex items-center gap-2">
      <span>{row.stacks}</span>
      {off.map((phase) => (
        <span key={phase} className="flex items-center gap-1">
          <Mark state={phase} />
          {row.phases[phase]} {phase}
        </span>
      ))}
    </span>
  );
}

function Clock({ node }: { node: Node }) {
  if (node.clockOffsetMs === null) return none;
  if (!hasSkew(node)) return <span className="text-ink-3">right</span>;
  return <span className="text-warn">{clockOffset(node.clockOffsetMs)}</span>;
}

const seconds = (at: string | null) => (at === null ? null : Date.parse(at));

export function nodeColumns(usual: string | null, labelKeys: readonly string[]): Column<NodeRow>[] {
  return [
    {
      key: 'name',
      title: 'Name',
      width: 140,
      grow: 1.3,
      value: ({ node }) => node.name,
      cell: ({ node }) => (
        <Link to="/nodes/$nodeId" params={{ nodeId: node.id }} className="row-link font-medium">
          {node.name}
        </Link>
      ),
    },
    {
      key: 'state',
      title: 'State',
      width: 116,
      grow: 0.8,
      value: ({ node }) => severity(node),
      cell: ({ node }) => <StateOfNode node={node} />,
    },
    {
      key: 'labels',
      title: 'Labels',
      width: 240,
      grow: 2,
      value: ({ node }) =>
        Object.entries(node.labels)
          .map((pair) => pair.join('='))
          .join(' '),
      cell: ({ node }) => <LabelChips labels={node.labels} filter />,
    },
    {
      key: 'stacks',
      title: 'Stacks',
      width: 110,
      grow: 1,
      value: (row) => row.stacks,
      cell: (row) => <Stacks row={row} />,
    },
    {
      key: 'agent',
      title: 'Agent',
      width: 64,
      value: ({ node }) => node.agentVersion,
      cell: ({ node }) => <Version node={node} usual={usual} />,
    },
    {
      key: 'docker',
      title: 'Docker',
      width: 64,
      value: ({ node }) => node.facts?.dockerVersion ?? null,
      cell: ({ node }) => node.facts?.dockerVersion ?? none,
    },
    {
      key: 'os',
      title: 'System',
      width: 132,
      grow: 1,
      value: ({ node }) => node.facts?.os ?? null,
      cell: ({ node }) => node.facts?.os ?? none,
    },
    {
      key: 'arch',
      extra: true,
      title: 'Arch',
      width: 64,
      value: ({ node }) => node.facts?.arch ?? null,
      cell: ({ node }) => node.facts?.arch ?? none,
    },
    {
      key: 'cpus',
      title: 'CPUs',
      width: 44,
      end: true,
      value: ({ node }) => node.facts?.cpus ?? null,
      cell: ({ node }) => node.facts?.cpus ?? none,
    },
    {
      key: 'memory',
      title: 'Memory',
      width: 64,
      end: true,
      value: ({ node }) => node.facts?.memoryBytes ?? null,
      cell: ({ node }) => (node.facts === null ? none : bytes(node.facts.memoryBytes)),
    },
    {
      key: 'clock',
      extra: true,
      title: 'Clock',
      width: 60,
      value: ({ node }) => node.clockOffsetMs,
      cell: ({ node }) => <Clock node={node} />,
    },
    {
      key: 'seen',
      title: 'Seen',
      width: 60,
      end: true,
      value: ({ node }) => seconds(node.lastSeenAt),
      cell: ({ node }) => <Age at={node.lastSeenAt} staleAfterMs={staleAfterMs(node)} />,
    },
    {
      key: 'kernel',
      title: 'Kernel',
      width: 140,
      extra: true,
      value: ({ node }) => node.facts?.kernel ?? null,
      cell: ({ node }) => node.facts?.kernel ?? none,
    },
    {
      key: 'generation',
      title: 'Generation',
      width: 84,
      end: true,
      extra: true,
      value: ({ node }) => node.observedGeneration,
      cell: ({ node }) => node.observedGeneration ?? none,
    },
    {
      key: 'added',
      title: 'Added',
      width: 64,
      end: true,
      extra: true,
      value: ({ node }) => seconds(node.createdAt),
      cell: ({ node }) => <Age at={node.createdAt} />,
    },
    ...labelKeys.map(
      (key): Column<NodeRow> => ({
        key: `label-${key}`,
        title: key,
        width: 80,
        grow: 0.6,
        extra: true,
        value: ({ node }) => node.labels[key] ?? null,
        cell: ({ node }) => node.labels[key] ?? none,
      }),
    ),
  ];
}
