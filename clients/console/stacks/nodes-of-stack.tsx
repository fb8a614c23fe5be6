// The nodes a stack is on. A node's services are asked for when it is opened; a few nodes stand open.
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { nodeStatus } from '../api/queries.ts';
import type { Stack, StackOnNode } from '../api/shapes.ts';
import { State } from '../parts/marks.tsx';
import { ProblemView } from '../parts/problem-view.tsx';
import { ServicesTable } from '../parts/services-table.tsx';

const OPEN_AT_ONCE = 3;
const SHOWN_AT_ONCE = 50;
const WELL = new Set(['running', 'stopped']);

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
  stack: Stack;
  name: string;
  startsOpen: boolean;
}) {
  const [open, setOpen] = useState(startsOpen);
  return (
    <li className="panel overflow-hidden">
      <div className="flex h-9 items-center gap-4 px-4">
        <button
          type="button"
          aria-expanded={open}
          onClick={() => setOpen(!open)}
          className="-ml-2 flex size-6 items-center justify-center rounded"
          aria-label={`Services on ${name}`}
        >
          <svg viewBox="0 0 10 10" aria-hidden="true" className={`size-2.5 text-ink-3 ${open ? 'rotate-90' : ''}`}>
            <path d="m3.5 2 3 3-3 3" fill="none" stroke="currentColor" strokeWidth="1.5" />
          </svg>
        </button>
        <Link to="/nodes/$nodeId" params={{ nodeId: each.node }} className="link -ml-3 font-semibold">
          {name}
        </Link>
        <State state={each.phase} />
        <span className={each.revision === stack.revision ? 'text-ink-3' : 'text-warn'}>
          {each.revision === null ? 'no revision yet' : `revision ${each.revision}`}
        </span>
      </div>
      {each.reason !== null && <p className="px-4 pb-2 break-words whitespace-pre-wrap text-ink-2">{each.reason}</p>}
      {open && (
        <div className="border-t border-line">
          <Services node={each.node} stack={stack.name} />
        </div>
      )}
    </li>
  );
}

export function NodesOfStack({ stack, nameOf }: { stack: Stack; nameOf: (id: string) => string }) {
  const [all, setAll] = useState(false);
  if (stack.nodes.length === 0)
    return <p className="panel px-4 py-3 text-ink-3">No node matches its targets. It starts as soon as one does.</p>;
  const ordered = stack.nodes.toSorted((a, b) => Number(WELL.has(a.phase)) - Number(WELL.has(b.phase)));
  const shown = all ? ordered : ordered.slice(0, SHOWN_AT_ONCE);
  return (
    <ul className="space-y-2">
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
        <li>
          <button type="button" className="button" onClick={() => setAll(true)}>
            Show {ordered.length - shown.length} more
          </button>
        </li>
      )}
    </ul>
  );
}
