// How a deployment stands or ended, in one line, with the reason as the node gave it and what can be done now.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { decideDeployment } from '../api/changes.ts';
import type { Deployment } from '../api/shapes.ts';
import { plain } from '../parts/ansi.ts';
import { ProblemView } from '../parts/problem-view.tsx';
import { plural } from '../parts/words.ts';
import { RollbackButton } from '../stacks/rollback.tsx';
import { resultOf } from './result.ts';
import { nextBatch } from './target-words.ts';

const FRAMES = {
  calm: ['border-line bg-raised', ''],
  warn: ['border-warn bg-warn-soft', 'text-warn'],
  bad: ['border-bad bg-bad-soft', 'text-bad'],
} as const;

function Result({ deployment, children }: { deployment: Deployment; children: ReactNode }) {
  const { words, tone } = resultOf(deployment);
  if (words === '') return null;
  const [frame, ink] = FRAMES[tone];
  if (deployment.finishedAt === null && tone === 'calm')
    return (
      <p className={`rounded-lg border px-4 py-2.5 ${frame}`}>
        <strong className="font-semibold">{words}</strong>
        {deployment.reason !== null && <span className="text-ink-2">: {plain(deployment.reason)}</span>}
      </p>
    );
  return (
    <div className={`rounded-lg border px-4 py-2.5 ${frame}`}>
      <p className={`font-semibold ${ink}`}>{words}</p>
      {deployment.reason !== null && (
        <pre className="mt-1 font-mono text-mono break-words whitespace-pre-wrap">{plain(deployment.reason)}</pre>
      )}
      {children}
    </div>
  );
}

/** The word an operator has in a rollout: go on, or no further. */
function Decision({ deployment }: { deployment: Deployment }) {
  const cache = useQueryClient();
  const decide = useMutation({
    mutationFn: (decision: 'continue' | 'cancel') => decideDeployment(deployment.id, decision),
    onSuccess: () => cache.invalidateQueries({ queryKey: ['deployment', deployment.id] }),
  });
  const next = nextBatch(deployment);
  if (deployment.finishedAt !== null || (next === null && !deployment.awaitsApproval)) return null;
  const held = deployment.targets.filter(({ state }) => state === 'held').length;
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-2 rounded-lg border border-line-strong px-4 py-2.5">
      <p className="min-w-0 flex-1">
        {deployment.awaitsApproval ? (
          <>
            <strong className="font-semibold">Batch {next} waits for your word.</strong> {plural(held, 'node')} still
            run
            {held === 1 ? 's' : ''} what {held === 1 ? 'it' : 'they'} ran before.
          </>
        ) : (
          <span className="text-ink-2">
            {plural(held, 'node is', 'nodes are')} held for later batches; batch {next} is next.
          </span>
        )}
      </p>
      <button
        type="button"
        className="button button-bad"
        disabled={decide.isPending}
        onClick={() => decide.mutate('cancel')}
      >
        Stop rollout
      </button>
      {deployment.awaitsApproval && (
        <button
          type="button"
          className="button button-main"
          disabled={decide.isPending}
          onClick={() => decide.mutate('continue')}
        >
          Continue
        </button>
      )}
      {decide.error && (
        <div className="w-full">
          <ProblemView error={decide.error} />
        </div>
      )}
    </div>
  );
}

export function Outcome({ deployment }: { deployment: Deployment }) {
  const parked = deployment.targets.filter((each) => each.parked && each.finishedAt === null).length;
  const hasFailed = deployment.state === 'failed' || deployment.state === 'rolled-back';
  return (
    <div role="status" className="mb-4 space-y-2 empty:hidden">
      <Result deployment={deployment}>
        {deployment.finishedAt !== null && (
          <div className="mt-2 flex flex-wrap items-center gap-2 empty:hidden">
            {hasFailed && (
              <Link to="/deploy" search={{ stack: deployment.stack }} className="button">
                Change and deploy again
              </Link>
            )}
            {deployment.kind === 'apply' && <RollbackButton stack={deployment.stack} from={deployment.revision} />}
          </div>
        )}
      </Result>
      <Decision deployment={deployment} />
      {parked > 0 && (
        <p className="rounded-lg border border-line-strong px-4 py-2.5 text-ink-2">
          {plural(parked, 'node is', 'nodes are')} not connected: parked, runs when{' '}
          {parked === 1 ? 'it is' : 'they are'} back.
        </p>
      )}
    </div>
  );
}
