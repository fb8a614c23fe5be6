// The nodes of a deployment: a list while they are few, a matrix of batches when they are many.
import { useState } from 'react';
import type { DeploymentTarget } from '../api/shapes.ts';
import { Mark } from '../parts/marks.tsx';
import { plural } from '../parts/words.ts';
import { type Batch, batchesOf, countsOf, targetState, targetWords } from './target-words.ts';

const SHOWN = 200;

interface Props {
  targets: readonly DeploymentTarget[];
  open: string | null;
  onOpen: (node: string) => void;
}

/** More nodes than a list beside the steps shows at a glance. */
export function isMany(targets: readonly DeploymentTarget[]): boolean {
  return targets.length > 12;
}

const BAD = new Set(['failed', 'rolled-back']);

function ListRow({ target, isOpen, onOpen }: { target: DeploymentTarget; isOpen: boolean; onOpen: () => void }) {
  const state = targetState(target);
  const look = state === 'failed' ? 'text-bad' : state === 'rolled-back' ? 'text-warn' : 'text-ink-2';
  return (
    <li>
      <button
        type="button"
        aria-current={isOpen}
        onClick={onOpen}
        className="flex min-h-8 w-full items-center gap-2.5 px-3 text-left hover:bg-hover aria-[current=true]:bg-accent-soft aria-[current=true]:font-medium"
      >
        <Mark state={state} />
        <span className="min-w-0 flex-1 truncate">{target.nodeName}</span>
        <span className={`text-label font-normal ${look}`}>{targetWords(target)}</span>
      </button>
    </li>
  );
}

function Cell({ target, isOpen, onOpen }: { target: DeploymentTarget; isOpen: boolean; onOpen: () => void }) {
  const state = targetState(target);
  const look = state === 'failed' ? 'border-bad' : BAD.has(state) ? 'border-warn' : 'border-line';
  return (
    <li className="min-w-0">
      <button
        type="button"
        aria-current={isOpen}
        onClick={onOpen}
        title={`${target.nodeName}: ${targetWords(target)}`}
        className={`flex h-7 w-full items-center gap-2 rounded border bg-paper px-2 text-left hover:bg-hover aria-[current=true]:border-accent aria-[current=true]:bg-accent-soft ${look}`}
      >
        <Mark state={state} />
        <span className="min-w-0 flex-1 truncate">{target.nodeName}</span>
        <span className="sr-only">{targetWords(target)}</span>
      </button>
    </li>
  );
}

function BatchTitle({ batch, of }: { batch: Batch; of: number }) {
  return (
    <h2 className="flex flex-wrap items-center gap-x-3 gap-y-0.5">
      <span className="font-semibold">Batch {batch.number}</span>
      <span className="font-normal text-ink-3">
        {batch.number === 1 && of > 1 ? 'first, to see how it goes' : `of ${of}`}
      </span>
      <span className="flex flex-wrap gap-x-3 font-normal text-ink-2">
        {countsOf(batch.targets).map(({ state, count }) => (
          <span key={state} className="flex items-center gap-1.5">
            <Mark state={state} /> {count} {state}
          </span>
        ))}
      </span>
    </h2>
  );
}

export function TargetList({ targets, open, onOpen }: Props) {
  const [all, setAll] = useState(false);
  const batches = batchesOf(targets);
  const many = isMany(targets);
  const inBatches = batches.length > 1;
  let left = all ? Number.POSITIVE_INFINITY : SHOWN;
  const shown = batches.map((batch) => {
    const own = batch.targets.slice(0, Math.max(0, left));
    left -= own.length;
    return { batch, own };
  });
  const hidden = targets.length - shown.reduce((sum, { own }) => sum + own.length, 0);
  const Row = many ? Cell : ListRow;
  return (
    <nav aria-label="Nodes of the deployment">
      <div className={`panel overflow-auto ${many ? 'max-h-[46dvh] space-y-3 p-3' : 'max-h-[70dvh] py-1'}`}>
        {shown.map(({ batch, own }) => (
          <div key={batch.number} className={many ? 'space-y-1.5' : ''}>
            {(inBatches || many) && (
              <div className={many ? '' : 'border-t border-line px-3 pt-2 pb-1 first:border-0'}>
                {inBatches ? (
                  <BatchTitle batch={batch} of={batches.length} />
                ) : (
                  <h2 className="font-semibold">{plural(targets.length, 'node')}</h2>
                )}
              </div>
            )}
            <ul className={many ? 'grid grid-cols-[repeat(auto-fill,minmax(136px,1fr))] gap-1.5' : ''}>
              {own.map((target) => (
                <Row
                  key={target.node}
                  target={target}
                  isOpen={target.node === open}
                  onOpen={() => onOpen(target.node)}
                />
              ))}
            </ul>
          </div>
        ))}
        {hidden > 0 && (
          <button type="button" className="button m-2" onClick={() => setAll(true)}>
            Show {hidden} more
          </button>
        )}
      </div>
    </nav>
  );
}
