// What runs stacks, as the loop sees it. The real one drives a Docker Engine; a simulated one keeps its containers in
// memory and has dials for pull time, crashes and refusals.
import type { Stoppable } from '#infra/nats/bus.ts';
import type { DesiredStack } from '#subjects/schema/desired.ts';
import type { SeenContainer } from './model.ts';
import type { Step } from './steps.ts';

export interface Observation {
  /** Containers of all compose projects, ours or not; one-off runs left out. */
  readonly containers: readonly SeenContainer[];
  readonly missingImages: ReadonlySet<string>;
}

export interface StepResult {
  readonly ok: boolean;
  readonly exitCode: number | null;
  /** The tool's own words. */
  readonly reason: string | null;
  /** The same step fails again until the document changes. */
  readonly permanent: boolean;
}

export type RuntimeEvent =
  /** Events may have been missed: look at everything again. */
  | { readonly type: 'resync' }
  | {
      readonly type: 'container';
      readonly stack: string;
      readonly service: string;
      readonly container: string;
      readonly id: string;
      readonly action: 'started' | 'died' | 'oom' | 'healthy' | 'unhealthy' | 'removed';
      readonly exitCode: number | null;
    };

export interface StackRuntime {
  /** @throws when the engine does not answer in time */
  observe(question: { images: readonly string[] }): Promise<Observation>;
  /** Carries one step out; doing it twice is as good as once. Never throws because of what the tool did. */
  execute(step: Step, io: { signal: AbortSignal; onLine(line: string): void }): Promise<StepResult>;
  /** After `up` finished and its outcome was remembered. */
  applied(stack: DesiredStack): Promise<void>;
  events(handle: (event: RuntimeEvent) => void): Stoppable;
  versions(): Promise<{ dockerVersion?: string; composeVersion?: string }>;
}
