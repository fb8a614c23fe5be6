// One node: how it is, what should run on it and what does, what happened lately.
import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import { Link, useParams, useSearch } from '@tanstack/react-router';
import { Problem } from '#clients/sdk/problem.ts';
import { node as nodeQuery, nodeStatus } from '../api/queries.ts';
import type { Node, NodeStatus } from '../api/shapes.ts';
import { RecentEvents } from '../history/recent-events.tsx';
import { Age } from '../parts/age.tsx';
import { plain } from '../parts/ansi.ts';
import { Empty, Loading } from '../parts/empty.tsx';
import { FactsList, Section } from '../parts/facts-list.tsx';
import { LabelChips } from '../parts/label-chips.tsx';
import { ProblemPage, ProblemView } from '../parts/problem-view.tsx';
import { Tabs } from '../parts/tabs.tsx';
import { bytes, clockOffset, plural } from '../parts/words.ts';
import { LogsOfNode } from './logs-of-node.tsx';
import { NodeActions } from './node-actions.tsx';
import { StateOfNode } from './node-columns.tsx';
import { hasSkew, staleAfterMs } from './node-row.ts';
import { Projects } from './projects.tsx';
import { StacksOnNode } from './stacks-on-node.tsx';

function Notices({ node, status }: { node: Node; status: NodeStatus | undefined }) {
  const behind = (status?.desired?.generation ?? 0) - (status?.observedGeneration ?? node.observedGeneration ?? 0);
  const wrong = (status?.conditions ?? []).filter((condition) => condition.status);
  const notices: [string, string][] = wrong.map((each) => [each.type.replaceAll('-', ' '), plain(each.reason)]);
  if (node.liveness === 'offline')
    notices.unshift([
      'Offline',
      `Its containers keep running as they were told last.${behind > 0 ? ` ${plural(behind, 'change waits', 'changes wait')} and apply when it is back.` : ''}`,
    ]);
  else if (behind > 0) notices.push(['Applying', `${plural(behind, 'change')} on the way to the node.`]);
  if (hasSkew(node)) notices.push(['Clock', `The node's clock is off by ${clockOffset(node.clockOffsetMs ?? 0)}.`]);
  if (node.paused) notices.push(['Paused', 'The agent reports but changes nothing.']);
  if (node.drained) notices.push(['Drained', 'Placement gives it no stacks.']);
  if (notices.length === 0) return null;
  return (
    <ul className="mb-5 space-y-1 rounded-lg border border-line-strong bg-warn-soft px-4 py-2.5">
      {notices.map(([title, text]) => (
        <li key={title + text}>
          <strong className="font-semibold text-warn first-letter:uppercase">{title}</strong> <span>{text}</span>
        </li>
      ))}
    </ul>
  );
}

function pruningWords({ pruneImages }: Node): string {
  if (pruneImages === 'dangling') return 'daily, images without a name';
  return pruneImages === 'unused' ? 'daily, all that nothing needs' : 'by hand only';
}

function Machine({ node, status }: { node: Node; status: NodeStatus | undefined }) {
  const { facts } = node;
  return (
    <div className="panel space-y-4 p-4">
      <FactsList
        facts={[
          ['Host name', facts?.hostname],
          ['System', facts && `${facts.os} · ${facts.arch}`],
          ['Kernel', facts?.kernel],
          ['CPUs', facts?.cpus],
          ['Memory', facts && bytes(facts.memoryBytes)],
          ['Docker', facts?.dockerVersion],
          ['Compose', facts?.composeVersion],
        ]}
      />
      <div className="border-t border-line pt-4">
        <FactsList
          facts={[
            ['Agent', node.agentVersion],
            ['Heartbeat', `every ${node.heartbeatSeconds} s`],
            ['Image pruning', pruningWords(node)],
            [
              'Generation',
              `${status?.observedGeneration ?? node.observedGeneration ?? '–'} of ${status?.desired?.generation ?? '–'}`,
            ],
            ['Reported', status?.reportedAt && <Age at={status.reportedAt} suffix=" ago" />],
            ['Added', <Age key="added" at={node.createdAt} suffix=" ago" />],
            [
              'Credential',
              node.credentialExpiresAt && `until ${new Date(node.credentialExpiresAt).toLocaleDateString()}`,
            ],
            [
              'Id',
              <code key="id" className="font-mono text-[11px] break-all select-all">
                {node.id}
              </code>,
            ],
          ]}
        />
      </div>
    </div>
  );
}

function Overview({ node, status }: { node: Node; status: UseQueryResult<NodeStatus> }) {
  return (
    <div className="grid gap-x-6 gap-y-6 xl:grid-cols-[minmax(0,1fr)_300px]">
      <div className="min-w-0 space-y-6">
        <Section title="Stacks">
          {status.error && <ProblemView error={status.error} onRetry={() => void status.refetch()} />}
          {status.data && (
            <StacksOnNode stacks={status.data.stacks} isCurrent={node.liveness !== 'offline'} node={node.name} />
          )}
        </Section>
        <Projects node={node} />
        <Section
          title="Recent events"
          aside={
            <Link to="/events" search={{ q: `node:${node.name}` }} className="link">
              All
            </Link>
          }
        >
          <RecentEvents subject={`nodes/${node.id}`} />
        </Section>
      </div>
      <Section title="Machine">
        <Machine node={node} status={status.data} />
      </Section>
    </div>
  );
}

export function NodeScreen() {
  const { nodeId } = useParams({ from: '/nodes/$nodeId' });
  const { tab = 'overview' } = useSearch({ from: '/nodes/$nodeId' });
  const { data: node, error, refetch } = useQuery(nodeQuery(nodeId));
  const status = useQuery(nodeStatus(nodeId));
  if (error instanceof Problem && error.status === 404 && node === undefined)
    return (
      <Empty
        isPage
        title="No such node"
        action={
          <Link to="/nodes" className="button">
            All nodes
          </Link>
        }
      >
        It was removed, or the address is not right.
      </Empty>
    );
  if (node === undefined && error) return <ProblemPage error={error} onRetry={() => void refetch()} />;
  if (node === undefined) return <Loading what="the node" />;
  return (
    <div className="px-5 pt-3 pb-8">
      <header className="mb-4 flex flex-wrap items-center gap-x-4 gap-y-2">
        <h1 className="text-title font-semibold">{node.name}</h1>
        <StateOfNode node={node} />
        <span className="text-ink-3">
          seen <Age at={node.lastSeenAt} staleAfterMs={staleAfterMs(node)} suffix=" ago" />
        </span>
        <LabelChips labels={node.labels} />
        <div className="ml-auto">
          <NodeActions node={node} stacks={status.data?.stacks.length ?? 0} />
        </div>
      </header>
      <Notices node={node} status={status.data} />
      <Tabs
        label={`Parts of ${node.name}`}
        open={tab}
        tabs={[
          { key: 'overview', title: 'Overview' },
          { key: 'logs', title: 'Logs' },
        ]}
      />
      {tab === 'logs' ? <LogsOfNode node={node.id} /> : <Overview node={node} status={status} />}
    </div>
  );
}
