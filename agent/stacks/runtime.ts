// What runs stacks, as the loop sees it. The real one drives a Docker Engine; a simulated one keeps its containers in
// memory and has dials for pull time, crashes and refusals.
import type { Stoppable } from '#infra/nats/bus.ts';
import type { DesiredStack } from '#subjects/schema/desired.ts';
import type { ChangedFile, SeenContainer } from './model.ts';
import type { Step } from './steps.ts';

export interface Observation {
  /** Containers of all compose projects, ours or not; one-off runs left out. */
  readonly containers: readonly SeenContainer[];
  readonly missingImages: ReadonlySet<string>;
  /** By stack; one that is not named has none. */
  readonly changedFiles: ReadonlyMap<string, readonly ChangedFile[]>;
}

export interface Question {
  /** Which of these are not here? */
  readonly images: readonly string[];
  /** Whose files on disk are looked at as well. */
  readonly stacks: readonly Pick<DesiredStack, 'name' | 'place'>[];
}

export interface StepResult {
  readonly ok: boolean;
  readonly exitCode: number | null;
  /** The tool's own words. */
  readonly reason: string | null;
  /** The same step fails again until the document changes. */
  readonly permanent: boolean;
  /** It was broken off since the stack did not come up in its time. */
  readonly isOverdue?: boolean;
  /** Services that were brought up, when containers of others may be there: of profiles that are not active. */
  readonly services?: readonly string[];
}

export type RuntimeEvent =
  /** Events may have been missed: look at everything again. */
  | { readonly type: 'resync' }
  /** Nothing to tell of, but something to look at. */
  | { readonly type: 'touched'; readonly stack: string }
  /** Secrets were opened for the stack. */
  | {
      readonly type: 'secrets';
      readonly stack: string;
      readonly secrets: readonly { readonly name: string; readonly version: number }[];
    }
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
  /** Looked at this often though nothing was heard of: what tells no event is found then. */
  readonly restMs: number;
  /** @throws when the engine does not answer in time */
  observe(question: Question): Promise<Observation>;
  /** The last lines that a container wrote, fit to leave the node; none when they can't be had. */
  lastWords(container: SeenContainer): Promise<string[]>;
  /** Carries one step out; doing it twice is as good as once. Never throws because of what the tool did. */
  execute(step: Step, io: { signal: AbortSignal; onLine(line: string): void }): Promise<StepResult>;
  /** After `up` finished and its outcome was remembered. */
  applied(stack: DesiredStack): Promise<void>;
  events(handle: (event: RuntimeEvent) => void): Stoppable;
  versions(): Promise<{ dockerVersion?: string; composeVersion?: string }>;
}
