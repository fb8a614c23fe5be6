// Two revisions side by side in time: compose text, files, the names of values and the images, line by line.
import { useQuery } from '@tanstack/react-query';
import { revision as revisionQuery } from '../api/queries.ts';
import type { RevisionDetail } from '../api/shapes.ts';
import { Dialog } from '../parts/dialog.tsx';
import { Loading } from '../parts/empty.tsx';
import { ProblemView } from '../parts/problem-view.tsx';
import { DiffView } from './diff-view.tsx';
import { changedTexts } from './revision-words.ts';

function Differences({ old, fresh }: { old: RevisionDetail; fresh: RevisionDetail }) {
  const changed = changedTexts(old, fresh);
  if (changed.length === 0)
    return (
      <p className="text-ink-2">
        {old.hash === fresh.hash
          ? 'They are alike.'
          : 'Texts, files and images are alike. What differs is a value, a secret, a profile or a setting that no text shows.'}
      </p>
    );
  return (
    <div className="space-y-5">
      {changed.map((text) => (
        <DiffView key={text.title} {...text} />
      ))}
    </div>
  );
}

interface Props {
  stack: string;
  /** The older one first. */
  pair: readonly [number, number];
  onClose: () => void;
}

export function Compare({ stack, pair, onClose }: Props) {
  const old = useQuery(revisionQuery(stack, pair[0]));
  const fresh = useQuery(revisionQuery(stack, pair[1]));
  const error = old.error ?? fresh.error;
  const again = () => void Promise.all([old.refetch(), fresh.refetch()]);
  return (
    <Dialog title={`Revision ${pair[0]} → ${pair[1]} of ${stack}`} onClose={onClose} wide>
      {error && <ProblemView error={error} onRetry={again} />}
      {!error && (old.data === undefined || fresh.data === undefined) && <Loading what="both revisions" />}
      {old.data && fresh.data && <Differences old={old.data} fresh={fresh.data} />}
    </Dialog>
  );
}
