// How a deployment ended, in one line, with the reason as the node gave it.
import { Link } from '@tanstack/react-router';
import type { Deployment } from '../api/shapes.ts';
import { plain } from '../parts/ansi.ts';
import { plural } from '../parts/words.ts';

function sentence({ state, targets, kind }: Deployment): string {
  const count = (wanted: string) => targets.filter((each) => each.state === wanted).length;
  if (state === 'succeeded')
    return kind === 'remove' ? 'Removed everywhere.' : `Running on ${plural(targets.length, 'node')}.`;
  if (state === 'failed') return `Failed on ${count('failed')} of ${plural(targets.length, 'node')}.`;
  if (state === 'superseded') return 'A newer revision took its place.';
  return '';
}

export function Outcome({ deployment }: { deployment: Deployment }) {
  const words = sentence(deployment);
  const parked = deployment.targets.filter((each) => each.parked && each.finishedAt === null).length;
  const failed = deployment.state === 'failed';
  return (
    <div role="status" className="mb-4 space-y-2 empty:hidden">
      {words !== '' && (
        <div className={`rounded-lg border px-4 py-2.5 ${failed ? 'border-bad bg-bad-soft' : 'border-line bg-raised'}`}>
          <p className={`font-semibold ${failed ? 'text-bad' : ''}`}>{words}</p>
          {deployment.reason !== null && (
            <pre className="mt-1 font-mono text-mono break-words whitespace-pre-wrap">{plain(deployment.reason)}</pre>
          )}
          {failed && (
            <Link to="/deploy" search={{ stack: deployment.stack }} className="link mt-1.5 inline-block">
              Change the stack and deploy again
            </Link>
          )}
        </div>
      )}
      {parked > 0 && (
        <p className="rounded-lg border border-line-strong px-4 py-2.5 text-ink-2">
          {plural(parked, 'node is', 'nodes are')} not connected: parked, runs when{' '}
          {parked === 1 ? 'it is' : 'they are'} back.
        </p>
      )}
    </div>
  );
}
