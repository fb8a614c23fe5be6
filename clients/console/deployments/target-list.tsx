// The nodes of a deployment. What needs a look most is open at first.
import { useState } from 'react';
import type { DeploymentTarget } from '../api/shapes.ts';
import { Mark } from '../parts/marks.tsx';

const ORDER = ['failed', 'progressing', 'pending', 'succeeded', 'superseded'];
const SHOWN = 100;
const collator = new Intl.Collator('en', { numeric: true });

export function openAtFirst(targets: readonly DeploymentTarget[]): string | null {
  return byUrgency(targets)[0]?.node ?? null;
}

function byUrgency(targets: readonly DeploymentTarget[]): DeploymentTarget[] {
  return targets.toSorted(
    (a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state) || collator.compare(a.nodeName, b.nodeName),
  );
}

interface Props {
  targets: readonly DeploymentTarget[];
  open: string | null;
  onOpen: (node: string) => void;
}

export function TargetList({ targets, open, onOpen }: Props) {
  const [all, setAll] = useState(false);
  // By name, not by state: a row must not move away while somebody reaches for it.
  const ordered = targets.toSorted((a, b) => collator.compare(a.nodeName, b.nodeName));
  const shown = all ? ordered : ordered.slice(0, SHOWN);
  return (
    <nav aria-label="Nodes of the deployment">
      <ul className="panel max-h-[70dvh] overflow-auto py-1">
        {shown.map((target) => (
          <li key={target.node}>
            <button
              type="button"
              aria-current={target.node === open}
              onClick={() => onOpen(target.node)}
              className="flex h-8 w-full items-center gap-2.5 px-3 text-left hover:bg-hover aria-[current=true]:bg-accent-soft aria-[current=true]:font-medium"
            >
              <Mark state={target.state} />
              <span className="min-w-0 flex-1 truncate">{target.nodeName}</span>
              <span className={`text-label font-normal ${target.state === 'failed' ? 'text-bad' : 'text-ink-2'}`}>
                {target.parked && target.finishedAt === null ? 'parked' : target.state}
              </span>
            </button>
          </li>
        ))}
        {shown.length < targets.length && (
          <li className="px-3 py-1.5">
            <button type="button" className="button" onClick={() => setAll(true)}>
              Show {targets.length - shown.length} more
            </button>
          </li>
        )}
      </ul>
    </nav>
  );
}
