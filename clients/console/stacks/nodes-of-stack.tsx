// The nodes a stack is on. A node's services are asked for when it is opened; a few nodes stand open.
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { nodeStatus } from '../api/queries.ts';
import type { StackDetail, StackOnNode } from '../api/shapes.ts';
import { plain } from '../parts/ansi.ts';
import { State } from '../parts/marks.tsx';
import { ProblemView } from '../parts/problem-view.tsx';
import { ServicesTable } from '../parts/services-table.tsx';
import { byName } from '../parts/words.ts';
import { DriftChip } from './drift-dialog.tsx';

const OPEN_AT_ONCE = 3;
const SHOWN_AT_ONCE = 50;
const WELL = new Set(['running', 'stopped']);
const isWell = ({ phase, drift }: StackOnNode) => WELL.has(phase) && drift.length === 0;

function Services({ node, stack }: { node: string; stack: string }) {
  const { data, error, refetch } = useQuery(nodeStatus(node));
  if (error && data === undefined) return <ProblemView error={error} onRetry={() => void refetch()} />;
  const services = data?.stacks.find((each) => each.name === stack)?.services ?? [];
  return <ServicesTable services={services} label="Services" />;
}

function NodeOfStack({
  each,
  stack,
  name,
  startsOpen,
}: {
  each: StackOnNode;
  stack: StackDetail;
  name: string;
  startsOpen: boolean;
}) {
  const [open, setOpen] = useState(startsOpen);
  const isStoppedHere = stack.state === 'running' && stack.stoppedNodes.includes(each.node);
  return (
    <li>
      <div className="grid min-h-9 grid-cols-[24px_minmax(0,1.4fr)_minmax(0,1fr)] sm:grid-cols-[24px_minmax(0,1.4fr)_minmax(0,1fr)_minmax(0,1fr)_minmax(0,1fr)] items-center gap-x-3 px-3">
        <button
          type="button"
          aria-expanded={open}
          onClick={() => setOpen(!open)}
          className="flex size-6 items-center justify-center rounded"
          aria-label={`Services on ${name}`}
        >
          <svg viewBox="0 0 10 10" aria-hidden="true" className={`size-2.5 text-ink-3 ${open ? 'rotate-90' : ''}`}>
            <path d="m3.5 2 3 3-3 3" fill="none" stroke="currentColor" strokeWidth="1.5" />
          </svg>
        </button>
        <Link
          to="/nodes/$nodeId"
          params={{ nodeId: each.node }}
          className="link justify-self-start truncate font-medium"
        >
          {name}
        </Link>
        <span className="flex min-w-0 items-center gap-2">
          <State state={each.phase}>{each.phase.replace('-', ' ')}</State>
          {isStoppedHere && (
            <span className="chip font-sans" title="It was stopped on this node only">
              stopped here
            </span>
          )}
        </span>
        <span className={`max-sm:hidden ${each.revision === stack.revision ? 'text-ink-3' : 'text-warn'}`}>
          {each.revision === null ? 'no revision yet' : `revision ${each.revision}`}
        </span>
        <span className="max-sm:col-start-2 max-sm:pb-1 empty:hidden">
          <DriftChip items={each.drift} stack={stack.name} node={name} policy={stack.spec.drift ?? 'correct'} />
        </span>
      </div>
      {each.reason !== null && (
        <p className="pr-4 pb-2 pl-12 break-words whitespace-pre-wrap text-ink-2">{plain(each.reason)}</p>
      )}
      {open && (
        <div className="border-t border-line bg-rail pl-8">
          <Services node={each.node} stack={stack.name} />
        </div>
      )}
    </li>
  );
}

/** What is not well comes first; among equals by name. */
function byUrgency(nodes: readonly StackOnNode[], nameOf: (id: string) => string): StackOnNode[] {
  return nodes.toSorted((a, b) => Number(isWell(a)) - Number(isWell(b)) || byName(nameOf(a.node), nameOf(b.node)));
}

export function NodesOfStack({ stack, nameOf }: { stack: StackDetail; nameOf: (id: string) => string }) {
  const [all, setAll] = useState(false);
  if (stack.nodes.length === 0)
    return <p className="panel px-4 py-3 text-ink-3">No node matches its targets. It starts as soon as one does.</p>;
  const ordered = byUrgency(stack.nodes, nameOf);
  const shown = all ? ordered : ordered.slice(0, SHOWN_AT_ONCE);
  return (
    <ul className="panel divide-y divide-line overflow-hidden">
      {shown.map((each) => (
        <NodeOfStack
          key={each.node}
          each={each}
          stack={stack}
          name={nameOf(each.node)}
          startsOpen={stack.nodes.length <= OPEN_AT_ONCE}
        />
      ))}
      {shown.length < ordered.length && (
        <li className="p-2">
          <button type="button" className="button" onClick={() => setAll(true)}>
            Show {ordered.length - shown.length} more
          </button>
        </li>
      )}
    </ul>
  );
}
