// All nodes: from two lists the core holds, never a request for each node.
import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { nodes, stacks } from '../api/queries.ts';
import { ListView } from '../lists/list-view.tsx';
import { StateCounts } from '../lists/state-counts.tsx';
import { Empty } from '../parts/empty.tsx';
import { AddNode } from './add-node.tsx';
import { nodeColumns } from './node-columns.tsx';
import { type NodeRow, nodeRows, nodeState, searchableNode, usualVersion } from './node-row.ts';

const STATES = ['online', 'suspect', 'offline', 'pending', 'paused', 'drained'];
const keyOf = ({ node }: NodeRow) => node.id;
const isMuted = ({ node }: NodeRow) => node.liveness === 'offline';

export function NodesScreen() {
  const list = useQuery(nodes);
  const placed = useQuery(stacks);
  const [adding, setAdding] = useState(false);
  const rows = useMemo(
    () => (list.data === undefined ? undefined : nodeRows(list.data, placed.data ?? [])),
    [list.data, placed.data],
  );
  const usual = useMemo(() => usualVersion(list.data ?? []), [list.data]);
  const labelKeys = useMemo(
    () => [...new Set((list.data ?? []).flatMap((node) => Object.keys(node.labels)))].sort().join(' '),
    [list.data],
  );
  const columns = useMemo(() => nodeColumns(usual, labelKeys === '' ? [] : labelKeys.split(' ')), [usual, labelKeys]);
  const add = (
    <button type="button" className="button button-main" onClick={() => setAdding(true)}>
      Add node
    </button>
  );
  return (
    <>
      <ListView
        title="Nodes"
        rows={rows}
        error={list.error}
        onRetry={() => void list.refetch()}
        columns={columns}
        keyOf={keyOf}
        searchable={searchableNode}
        sort="name"
        hint="name, state:offline, env:prod"
        counts={<StateCounts states={(list.data ?? []).map(nodeState)} order={STATES} />}
        actions={add}
        isMuted={isMuted}
        empty={
          <Empty title="No nodes yet" action={add}>
            A node is a machine with Docker on it. One pasted command adds it; it connects to here, nothing connects to
            it.
          </Empty>
        }
      />
      {adding && <AddNode onClose={() => setAdding(false)} />}
    </>
  );
}
