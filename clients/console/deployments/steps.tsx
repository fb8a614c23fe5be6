// The steps on one node, why each was made, and what the tool said.
import { Link } from '@tanstack/react-router';
import type { DeploymentStep, DeploymentTarget } from '../api/shapes.ts';
import { Elapsed } from '../parts/age.tsx';
import { plain } from '../parts/ansi.ts';
import { Mark, State } from '../parts/marks.tsx';
import { FailureView } from './failure.tsx';
import { Output } from './output.tsx';
import { targetState, targetWords } from './target-words.ts';

function Step({ step }: { step: DeploymentStep }) {
  const state = step.outcome ?? 'progressing';
  const exit = step.exitCode !== null && step.exitCode !== 0 ? `exit code ${step.exitCode}` : null;
  return (
    <li className="grid grid-cols-[20px_minmax(0,1fr)] px-4 py-2.5">
      <span className="pt-1">
        <Mark state={state} />
      </span>
      <div className="min-w-0">
        <div className="flex items-baseline gap-3">
          <p className="min-w-0 flex-1">
            <span className="font-semibold">{step.step}</span>
            <span className="sr-only"> {step.outcome ?? 'running'}</span> <span className="text-ink-2">{step.why}</span>
          </p>
          <span className="shrink-0 text-ink-3">
            <Elapsed from={step.startedAt} to={step.finishedAt} />
          </span>
        </div>
        {(step.reason !== null || exit !== null) && (
          <p className="mt-1 break-words whitespace-pre-wrap text-bad">
            {[step.reason === null ? null : plain(step.reason), exit].filter((text) => text !== null).join(' · ')}
          </p>
        )}
        {step.output.length > 0 && <Output lines={step.output} isLive={step.outcome === null} />}
      </div>
    </li>
  );
}

function withoutSteps(target: DeploymentTarget): string {
  const state = targetState(target);
  if (state === 'parked') return 'Parked: the node is not connected. It starts when the node is back.';
  if (state === 'held') return `Its turn comes with batch ${target.batch}. Until then it runs what it ran before.`;
  return target.finishedAt === null ? 'No step yet.' : 'No step was needed.';
}

export function Steps({ target }: { target: DeploymentTarget }) {
  return (
    <section aria-label={`Steps on ${target.nodeName}`} className="panel min-w-0">
      <div className="flex flex-wrap items-center gap-x-3 border-b border-line px-4 py-2">
        <h2 className="font-semibold">
          <Link to="/nodes/$nodeId" params={{ nodeId: target.node }} className="link">
            {target.nodeName}
          </Link>
        </h2>
        <State state={targetState(target)}>{targetWords(target)}</State>
        {target.reason !== null && (
          <span className={`min-w-0 break-words ${target.state === 'failed' ? 'text-bad' : 'text-ink-2'}`}>
            {plain(target.reason)}
          </span>
        )}
      </div>
      {target.failure !== null && <FailureView failure={target.failure} />}
      {target.steps.length === 0 ? (
        <p className="px-4 py-3 text-ink-3">{withoutSteps(target)}</p>
      ) : (
        <ol className="divide-y divide-line">
          {target.steps.map((step) => (
            <Step key={`${step.startedAt} ${step.step}`} step={step} />
          ))}
        </ol>
      )}
    </section>
  );
}
