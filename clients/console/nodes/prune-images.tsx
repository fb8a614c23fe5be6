// Having a node remove images that nothing needs.
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { pruneNode } from '../api/changes.ts';
import type { Node } from '../api/shapes.ts';
import { Dialog } from '../parts/dialog.tsx';
import { ProblemView } from '../parts/problem-view.tsx';

const CHOICES = [
  ['dangling', 'Images without a name', 'What is left of pulls and builds when their tag moved on.'],
  [
    'unused',
    'All that nothing needs',
    'Also named images that no stack, no last good revision and no container needs.',
  ],
] as const;

export function PruneImages({ node, onClose }: { node: Node; onClose: () => void }) {
  const [images, setImages] = useState<'dangling' | 'unused'>('dangling');
  const prune = useMutation({ mutationFn: () => pruneNode(node.id, images) });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    prune.mutate();
  };
  return (
    <Dialog title={`Prune images on ${node.name}`} onClose={onClose}>
      {prune.isSuccess ? (
        <div className="space-y-4">
          <p role="status">{node.name} does it now. What it removed stands in the recent events.</p>
          <div className="flex justify-end">
            <button type="button" className="button button-main" onClick={onClose}>
              Done
            </button>
          </div>
        </div>
      ) : (
        <form onSubmit={submit} className="space-y-4">
          <fieldset className="space-y-3">
            <legend className="sr-only">Which images</legend>
            {CHOICES.map(([value, title, words]) => (
              <label key={value} className="flex gap-2.5">
                <input
                  type="radio"
                  name="images"
                  className="mt-0.5 size-4 shrink-0 accent-accent"
                  checked={images === value}
                  onChange={() => setImages(value)}
                />
                <span>
                  <span className="block font-medium">{title}</span>
                  <span className="text-ink-2">{words}</span>
                </span>
              </label>
            ))}
          </fieldset>
          {prune.error && <ProblemView error={prune.error} />}
          <div className="flex justify-end gap-2">
            <button type="button" className="button" onClick={onClose}>
              Cancel
            </button>
            <button type="submit" className="button button-main" disabled={prune.isPending}>
              {prune.isPending ? 'Asking …' : 'Prune'}
            </button>
          </div>
        </form>
      )}
    </Dialog>
  );
}
