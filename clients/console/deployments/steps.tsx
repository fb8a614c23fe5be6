// The steps on one node. Output is what the tool said, drawn as text and nothing else.
import { Link } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import type { DeploymentStep, DeploymentTarget } from '../api/shapes.ts';
import { Elapsed } from '../parts/age.tsx';
import { plain } from '../parts/ansi.ts';
import { Mark } from '../parts/marks.tsx';
import { ScrollArea } from '../parts/scroll-area.tsx';

const LINES_SHOWN = 500;

function Output({ lines, isLive }: { lines: readonly string[]; isLive: boolean }) {
  const box = useRef<HTMLElement>(null);
  const follows = useRef(true);
  const shown = lines.slice(-LINES_SHOWN);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each new line scrolls
  useEffect(() => {
    if (isLive && follows.current && box.current !== null) box.current.scrollTop = box.current.scrollHeight;
  }, [lines.length, isLive]);
  return (
    <ScrollArea
      ref={box}
      isLog
      label="Output"
      className="mt-2 max-h-72 rounded-md border border-line bg-rail px-3 py-2"
      onScroll={({ currentTarget: at }) => {
        follows.current = at.scrollHeight - at.scrollTop - at.clientHeight < 24;
      }}
    >
      <pre className="font-mono text-mono break-words whitespace-pre-wrap text-ink-2">
        {shown.length < lines.length && `… ${lines.length - shown.length} lines before these\n`}
        {shown.map(plain).join('\n')}
      </pre>
    </ScrollArea>
  );
}

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

export function Steps({ target }: { target: DeploymentTarget }) {
  return (
    <section aria-label={`Steps on ${target.nodeName}`} className="panel min-w-0">
      <div className="flex flex-wrap items-center gap-x-3 border-b border-line px-4 py-2">
        <h2 className="font-semibold">
          <Link to="/nodes/$nodeId" params={{ nodeId: target.node }} className="link">
            {target.nodeName}
          </Link>
        </h2>
        {target.reason !== null && (
          <span className={`min-w-0 break-words ${target.state === 'failed' ? 'text-bad' : 'text-ink-2'}`}>
            {plain(target.reason)}
          </span>
        )}
      </div>
      {target.steps.length === 0 ? (
        <p className="px-4 py-3 text-ink-3">
          {target.parked ? 'Parked: the node is not connected. It starts when the node is back.' : 'No step yet.'}
        </p>
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
