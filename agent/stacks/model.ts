// What the agent sees of stacks and remembers about them: the words that plan, assess, observe and the loop share.
// Pure: types and what follows from them alone.

/** Milliseconds since 1970, as an argument. */
export type Instant = number;

export interface SeenContainer {
  readonly id: string;
  readonly name: string;
  /** Compose project, which is the stack's name. */
  readonly stack: string;
  readonly service: string;
  readonly image: string;
  readonly state: 'created' | 'running' | 'restarting' | 'paused' | 'exited' | 'dead' | 'removing';
  readonly health: 'starting' | 'healthy' | 'unhealthy' | null;
  readonly exitCode: number | null;
  readonly oomKilled: boolean;
  readonly restarts: number;
  readonly startedAt: Instant | null;
  readonly restartPolicy: 'no' | 'always' | 'unless-stopped' | 'on-failure';
}

/** Tries to bring one version of a stack up since it last was steady. */
export interface Attempts {
  readonly hash: string;
  readonly count: number;
  readonly lastAt: Instant;
  /** Why the last step failed; null when it went well. */
  readonly failure: string | null;
  /** Trying again cannot help before the document changes. */
  readonly permanent: boolean;
}

/** What the agent remembers of a stack over its own restarts. */
export interface StackRecord {
  readonly name: string;
  readonly revision: number | null;
  readonly deployment: string | null;
  /** Of the specification that `up` last finished with; null when it never did or the stack was stopped since. */
  readonly appliedHash: string | null;
  readonly appliedAt: Instant;
  /** Of the specification that was last stopped. */
  readonly stoppedHash: string | null;
  /** Containers that `up` left, by service: fewer of them means that one was taken away. */
  readonly services: Readonly<Record<string, number>>;
  /** Restarts that the engine had counted for a container when `up` finished. */
  readonly restartsBefore: Readonly<Record<string, number>>;
  readonly attempts: Attempts | null;
  /** Deployment that has got its one outcome. */
  readonly settled: { readonly deployment: string | null; readonly hash: string; readonly ok: boolean } | null;
  /** Generation of the `removed` entry that was carried out. */
  readonly removedGeneration: number | null;
}

export interface SeenStack {
  readonly record: StackRecord | null;
  readonly containers: readonly SeenContainer[];
}

export interface Observed {
  readonly stacks: ReadonlyMap<string, SeenStack>;
  /** Images that desired stacks name and the engine does not have. */
  readonly missingImages: ReadonlySet<string>;
}

export const NOTHING_SEEN: SeenStack = { record: null, containers: [] };

export function newRecord(name: string): StackRecord {
  return {
    name,
    revision: null,
    deployment: null,
    appliedHash: null,
    appliedAt: 0,
    stoppedHash: null,
    services: {},
    restartsBefore: {},
    attempts: null,
    settled: null,
    removedGeneration: null,
  };
}

/** A job that has done its work: nothing brings it back, and nothing should. */
export function isFinishedJob(container: SeenContainer): boolean {
  const mayEnd = container.restartPolicy === 'no' || container.restartPolicy === 'on-failure';
  return container.state === 'exited' && container.exitCode === 0 && mayEnd;
}

export function isActive(container: SeenContainer): boolean {
  return container.state === 'running' || container.state === 'restarting' || container.state === 'paused';
}
