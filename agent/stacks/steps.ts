// Steps: one change to one stack, as data. Detailed enough that no choice is left when they are carried out. Pure.
import type { DesiredStack } from '#subjects/schema/desired.ts';

interface StepArguments {
  /** Fetch images that are missing here. Touches no container. */
  pull: { readonly target: DesiredStack; readonly services: readonly string[] };
  /**
   * Make the containers what the compose text says; Compose itself finds what differs. With `services` those alone, so
   * that jobs which have ended are not run again by a repair; without any all of them.
   */
  up: { readonly target: DesiredStack; readonly pull: 'never' | 'as-written'; readonly services: readonly string[] };
  /** Make the containers of these services anew, though Compose sees no reason to. */
  recreate: { readonly target: DesiredStack; readonly services: readonly string[] };
  /**
   * Start what ended by itself, and leave all else as it is. `hasJobs`: Compose would run jobs again that they depend on,
   * unless it restarts them alone.
   */
  start: { readonly target: DesiredStack; readonly services: readonly string[]; readonly hasJobs: boolean };
  stop: { readonly target: DesiredStack };
  /** Take the stack away; named volumes only when asked. */
  down: { readonly deployment: string | null; readonly generation: number; readonly volumes: boolean };
}

export type StepKind = keyof StepArguments;
export type StepOf<K extends StepKind> = {
  readonly kind: K;
  readonly stack: string;
  /** A sentence an operator can read. */
  readonly why: string;
} & StepArguments[K];
export type Step = { [K in StepKind]: StepOf<K> }[StepKind];

/** The only text for a step: log, event and dry run use it. */
export function describe(step: Step): string {
  switch (step.kind) {
    case 'pull':
      return `pull ${step.services.join(', ')} of ${step.stack}: ${step.why}`;
    case 'up':
      return `bring up ${listed(step.services)}${step.stack} revision ${step.target.revision}: ${step.why}`;
    case 'recreate':
      return `make ${step.services.join(', ')} of ${step.stack} anew: ${step.why}`;
    case 'start':
      return `start ${step.services.join(', ')} of ${step.stack}: ${step.why}`;
    case 'stop':
      return `stop ${step.stack}: ${step.why}`;
    case 'down':
      return `take down ${step.stack}${step.volumes ? ' with its volumes' : ''}: ${step.why}`;
    default:
      return step satisfies never;
  }
}

function listed(services: readonly string[]): string {
  return services.length === 0 ? '' : `${services.join(', ')} of `;
}
