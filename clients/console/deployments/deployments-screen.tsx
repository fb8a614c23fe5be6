// All deployments, newest first: of every kind, also those that no revision leads to.
import { useQuery } from '@tanstack/react-query';
import { Link, useSearch } from '@tanstack/react-router';
import { useMemo } from 'react';
import { deployments, stacks } from '../api/queries.ts';
import type { DeploymentSummary } from '../api/shapes.ts';
import type { Column } from '../lists/column.ts';
import type { Searchable } from '../lists/filter.ts';
import { ListView } from '../lists/list-view.tsx';
import { StateCounts } from '../lists/state-counts.tsx';
import { Age, Elapsed } from '../parts/age.tsx';
import { plain } from '../parts/ansi.ts';
import { Empty } from '../parts/empty.tsx';
import { State } from '../parts/marks.tsx';
import { KINDS, stackAskedFor, withThoseOf } from './deployment-list.ts';

const STATES = ['failed', 'rolled-back', 'progressing', 'pending', 'succeeded', 'superseded'];
const keyOf = ({ id }: DeploymentSummary) => id;

function searchable({ stack, kind, state, createdBy, reason }: DeploymentSummary): Searchable {
  return {
    fields: { stack: [stack], kind: [KINDS[kind], kind], state: [state], by: [createdBy] },
    text: [stack, KINDS[kind], state, createdBy, reason ?? ''].join(' '),
  };
}

const COLUMNS: readonly Column<DeploymentSummary>[] = [
  {
    key: 'stack',
    title: 'Stack',
    width: 150,
    grow: 1,
    value: ({ stack }) => stack,
    cell: ({ id, stack, kind }) => (
      <Link
        to="/deployments/$deploymentId"
        params={{ deploymentId: id }}
        className="row-link font-medium"
        aria-label={`${stack}, ${KINDS[kind]}`}
      >
        {stack}
      </Link>
    ),
  },
  {
    key: 'kind',
    title: 'Kind',
    width: 100,
    value: ({ kind }) => KINDS[kind],
    cell: ({ kind }) => <span className="text-ink-2">{KINDS[kind]}</span>,
  },
  {
    key: 'state',
    title: 'State',
    width: 120,
    value: ({ state }) => STATES.indexOf(state),
    cell: ({ state }) => <State state={state}>{state.replace('-', ' ')}</State>,
  },
  {
    key: 'revision',
    title: 'Revision',
    width: 72,
    end: true,
    value: ({ revision }) => revision,
    cell: ({ revision }) => revision,
  },
  {
    key: 'reason',
    title: 'Reason',
    width: 200,
    grow: 2.5,
    value: ({ reason }) => reason,
    cell: ({ reason }) => <span className="text-ink-2">{reason === null ? '' : plain(reason)}</span>,
  },
  {
    key: 'by',
    title: 'By',
    width: 100,
    value: ({ createdBy }) => createdBy,
    cell: ({ createdBy }) => <span className="text-ink-2">{createdBy}</span>,
  },
  {
    key: 'took',
    title: 'Took',
    width: 88,
    end: true,
    value: ({ createdAt, finishedAt }) => (finishedAt === null ? null : Date.parse(finishedAt) - Date.parse(createdAt)),
    cell: ({ createdAt, finishedAt }) => <Elapsed from={createdAt} to={finishedAt} />,
  },
  {
    key: 'begun',
    title: 'Begun',
    width: 72,
    end: true,
    value: ({ createdAt }) => Date.parse(createdAt),
    cell: ({ createdAt }) => <Age at={createdAt} />,
  },
];

export function DeploymentsScreen() {
  const { q = '' } = useSearch({ from: '/deployments' });
  const newest = useQuery(deployments(null));
  const { data: known } = useQuery(stacks);
  const asked = useMemo(
    () =>
      stackAskedFor(
        q,
        (known ?? []).map(({ name }) => name),
      ),
    [q, known],
  );
  const own = useQuery({ ...deployments(asked), enabled: asked !== null });
  const rows = useMemo(
    () => newest.data && withThoseOf(newest.data.items, asked === null ? [] : (own.data?.items ?? [])),
    [newest.data, own.data, asked],
  );
  return (
    <ListView
      title="Deployments"
      rows={rows}
      error={newest.error ?? own.error}
      onRetry={() => void Promise.all([newest.refetch(), asked !== null && own.refetch()])}
      columns={COLUMNS}
      keyOf={keyOf}
      searchable={searchable}
      sort="-begun"
      hint="stack:shop, kind:restart, state:failed"
      counts={<StateCounts states={(rows ?? []).map(({ state }) => state)} order={STATES} />}
      empty={
        <Empty
          title="No deployments yet"
          action={
            <Link to="/deploy" className="button button-main">
              Deploy stack
            </Link>
          }
        >
          Whatever is done to a stack stands here, with each step on each node.
        </Empty>
      }
    />
  );
}
