// The stacks of one node with their services.
import { Link } from '@tanstack/react-router';
import type { StackHere } from '../api/shapes.ts';
import { plain } from '../parts/ansi.ts';
import { State } from '../parts/marks.tsx';
import { ServicesTable } from '../parts/services-table.tsx';
import { DriftChip } from '../stacks/drift-dialog.tsx';

function Revision({ stack }: { stack: StackHere }) {
  const { desiredRevision, observedRevision } = stack;
  if (desiredRevision === null) return <span>revision {observedRevision ?? '–'}, to be removed</span>;
  if (desiredRevision === observedRevision) return <span>revision {desiredRevision}</span>;
  return (
    <span className="text-warn">
      revision {observedRevision ?? 'none'} → {desiredRevision}
    </span>
  );
}

/** What is gone and not wanted any more is history; the events tell it. */
function isGone({ desiredRevision, phase }: StackHere): boolean {
  return desiredRevision === null && phase === 'removed';
}

interface Props {
  stacks: readonly StackHere[];
  isCurrent: boolean;
  /** Its name. */
  node: string;
}

export function StacksOnNode({ stacks: all, isCurrent, node }: Props) {
  const stacks = all.filter((stack) => !isGone(stack));
  if (stacks.length === 0)
    return (
      <p className="panel px-4 py-3 text-ink-3">
        Nothing is placed here.{' '}
        <Link to="/deploy" className="link">
          Deploy a stack
        </Link>
      </p>
    );
  return (
    <div className={`space-y-3 ${isCurrent ? '' : 'text-ink-3'}`}>
      {stacks.map((stack) => (
        <article key={stack.name} aria-label={stack.name} className="panel overflow-hidden">
          <div className="flex flex-wrap items-center gap-x-4 gap-y-1 px-4 py-2">
            <h3 className="font-semibold">
              <Link to="/stacks/$stackName" params={{ stackName: stack.name }} className="link">
                {stack.name}
              </Link>
            </h3>
            <State state={stack.phase}>{stack.phase.replace('-', ' ')}</State>
            <span className="text-ink-3">
              <Revision stack={stack} />
            </span>
            <DriftChip items={stack.drift} stack={stack.name} node={node} />
          </div>
          {stack.reason !== null && (
            <p className="px-4 pb-2 break-words whitespace-pre-wrap text-ink-2">{plain(stack.reason)}</p>
          )}
          <div className="border-t border-line">
            <ServicesTable services={stack.services} label={`Services of ${stack.name}`} />
          </div>
        </article>
      ))}
    </div>
  );
}
