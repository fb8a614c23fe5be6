// A chip that says that a node differs, and what differs: expected beside actual.
import { useState } from 'react';
import type { DriftItem } from '../api/shapes.ts';
import { plain } from '../parts/ansi.ts';
import { Dialog } from '../parts/dialog.tsx';
import { Mark } from '../parts/marks.tsx';
import { driftCount, driftPlace, driftTitle, driftValues, policyWords } from './drift-words.ts';

interface Props {
  items: readonly DriftItem[];
  /** Of which stack, and where. */
  stack: string;
  node: string;
  /** Where it is known here; undefined in the specification means `correct`. */
  policy?: 'report' | 'correct';
}

function Item({ item }: { item: DriftItem }) {
  const { expected, actual } = driftValues(item);
  const place = driftPlace(item);
  return (
    <li className="py-3 first:pt-0">
      <p className="flex flex-wrap items-baseline gap-x-3">
        <span className="font-semibold">{plain(driftTitle(item))}</span>
        {place !== null && <span className="font-mono text-mono text-ink-2">{plain(place)}</span>}
      </p>
      <dl className="mt-1.5 grid grid-cols-[72px_minmax(0,1fr)] gap-y-1 font-mono text-mono">
        <dt className="font-sans text-label leading-[18px] text-ink-3">Expected</dt>
        <dd className="break-words whitespace-pre-wrap">{plain(expected)}</dd>
        <dt className="font-sans text-label leading-[18px] text-ink-3">Actual</dt>
        <dd className="break-words whitespace-pre-wrap text-warn">{plain(actual)}</dd>
      </dl>
    </li>
  );
}

export function DriftChip({ items, stack, node, policy }: Props) {
  const [open, setOpen] = useState(false);
  if (items.length === 0) return null;
  return (
    <>
      <button
        type="button"
        onClick={() => setOpen(true)}
        aria-label={`Drift of ${stack} on ${node}: ${driftCount(items)}`}
        className="inline-flex h-6 items-center gap-1.5 rounded-md border border-warn px-2 text-label font-medium text-warn hover:bg-warn-soft"
      >
        <Mark state="drifted" /> {driftCount(items)}
      </button>
      {open && (
        <Dialog title={`Drift of ${stack} on ${node}`} onClose={() => setOpen(false)} wide>
          {policy !== undefined && <p className="mb-3 text-ink-2">{policyWords(policy)}</p>}
          <ul className="divide-y divide-line">
            {items.map((item) => (
              <Item key={`${item.kind} ${item.service} ${item.container} ${item.subject} ${item.actual}`} item={item} />
            ))}
          </ul>
        </Dialog>
      )}
    </>
  );
}
