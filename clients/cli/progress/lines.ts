// What happens to a deployment, in lines for somebody who watches it. Pure.
import type { Deployment, DeploymentEvent } from '#clients/sdk/deployment-events.ts';
import type { StoredEvent } from '#clients/sdk/events.ts';
import { plain } from '#clients/sdk/terminal-text.ts';

/** Name of a node by its id. */
export type NameOf = (id: string) => string;

type Target = Deployment['targets'][number];
type Step = Target['steps'][number];
type Finished = Extract<DeploymentEvent, { event: 'step-finished' }>['data'];

const because = (reason: string | null) => (reason ? `: ${reason}` : '');
const outputOf = (step: string, lines: readonly string[]) => lines.map((line) => `${step} | ${plain(line)}`);

function finished({ step, outcome, reason, exitCode }: Omit<Finished, 'durationMs'>, took: number | null): string {
  const time = took === null ? '' : ` in ${(took / 1000).toFixed(1)} s`;
  if (outcome === 'ok') return `${step}: done${time}`;
  return `${step}: failed${time}${exitCode === null ? '' : `, exit code ${exitCode}`}${because(reason)}`;
}

function saidBy(event: DeploymentEvent): string[] {
  switch (event.event) {
    case 'step-started':
      return [`${event.data.step}: ${event.data.why}`];
    case 'step-output':
      return outputOf(event.data.step, event.data.lines);
    case 'step-finished':
      return [finished(event.data, event.data.durationMs)];
    case 'target':
      return [`${event.data.state}${because(event.data.reason)}`];
    default:
      return [];
  }
}

export function factOf(event: StoredEvent): string {
  return event.type.split('.').at(-2) ?? '';
}

export function linesOf(event: DeploymentEvent, nameOf: NameOf): string[] {
  if (!('node' in event.data)) return [];
  const name = nameOf(event.data.node);
  return saidBy(event).map((line) => `${name}  ${line}`);
}

function ofStep(made: Step): string[] {
  const { step, why, outcome, startedAt, finishedAt, output } = made;
  const took = finishedAt === null ? null : Date.parse(finishedAt) - Date.parse(startedAt);
  const end = outcome === null ? [] : [finished({ ...made, outcome } as never, took)];
  return [`${step}: ${why}`, ...outputOf(step, output), ...end];
}

/** What was told before somebody watched. */
export function linesSoFar({ targets }: Deployment): string[] {
  return targets.flatMap(({ nodeName, steps }) => steps.flatMap(ofStep).map((line) => `${nodeName}  ${line}`));
}
