// What made a deployment fail on a node: the service, how its container ended, and the last it said.
import type { DeploymentTarget } from '../api/shapes.ts';
import { Mark } from '../parts/marks.tsx';
import { Output } from './output.tsx';

export function FailureView({ failure }: { failure: NonNullable<DeploymentTarget['failure']> }) {
  const { service, container, exitCode, lines } = failure;
  return (
    <div className="border-b border-line bg-bad-soft px-4 py-3">
      <p className="flex flex-wrap items-center gap-x-3">
        <span className="flex items-center gap-2 font-semibold text-bad">
          <Mark state="failed" /> {service}
        </span>
        <span>{exitCode === null ? 'did not become healthy' : `ended with exit code ${exitCode}`}</span>
        <span className="font-mono text-mono text-ink-2">{container}</span>
      </p>
      {lines.length > 0 && (
        <>
          <p className="mt-2 text-label text-ink-2">Its last lines</p>
          <Output lines={lines} isLive={false} label={`Last lines of ${service}`} />
        </>
      )}
    </div>
  );
}
