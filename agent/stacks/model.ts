// What the agent sees of stacks and remembers about them: the words that plan, assess, observe and the loop share.
// Pure: types and what follows from them alone.
import type { DesiredStack } from '#subjects/schema/desired.ts';
import type { DriftItem } from '#subjects/schema/drift.ts';
import type { StackFailure } from '#subjects/schema/node-event.ts';

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
  /** It has a health check, whether it runs or not. */
  readonly isChecked?: boolean;
  readonly exitCode: number | null;
  readonly oomKilled: boolean;
  readonly restarts: number;
  readonly startedAt: Instant | null;
  readonly restartPolicy: 'no' | 'always' | 'unless-stopped' | 'on-failure';
  /** Why the engine could not start it. */
  readonly startError: string | null;
  /** Somebody asked the engine to stop it since it last started. */
  readonly isStopAsked: boolean;
  /** How it ended the last time, also while it runs again. */
  readonly lastExit: { readonly code: number | null; readonly oom: boolean } | null;
  /** Compose's own digest of what it was made from; null when Compose did not make it. */
  readonly configHash: string | null;
  readonly imageId: string;
  /** What `image` names now; null when it names nothing here. */
  readonly taggedId: string | null;
  /** What can be changed in place, by name. */
  readonly settings: Readonly<Record<string, string>>;
  /** Bind mounts from the stack's folder, relative to it; '' is the folder itself. */
  readonly mounts: readonly string[];
  /** It runs on a folder of secrets that is no more: they were written anew elsewhere. */
  readonly hasLostSecrets?: boolean;
}

/** A file of the stack on disk that is not as it was written. */
export interface ChangedFile {
  readonly path: string;
  readonly state: 'changed' | 'gone';
}

/** A container as `up` left it. */
export type AppliedContainer = Pick<
  SeenContainer,
  'id' | 'service' | 'image' | 'configHash' | 'imageId' | 'taggedId' | 'settings'
> & {
  /** Of the stack's files that it mounts, as they were when it was made. */
  readonly filesMark: string;
};

/** A version that failed its gate and was given up for the last good one. */
export interface Rejected {
  readonly hash: string;
  readonly deployment: string | null;
  readonly revision: number;
  readonly reason: string;
  readonly failure: StackFailure | null;
}

export interface Settled {
  readonly deployment: string | null;
  readonly hash: string;
  /** What ran then, or since, was healthy: what follows is judged as of a stack that ran. */
  readonly ok: boolean;
  /** As it was told, once. Missing in notes of earlier agents. */
  readonly outcome?: 'succeeded' | 'failed' | 'rolled-back';
  readonly reason?: string | null;
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
  /** Of the specification whose files or containers were last begun with: `up` may have ended half way. */
  readonly begunHash: string | null;
  /** Of the specification that was last stopped. */
  readonly stoppedHash: string | null;
  /** Containers that `up` left, by service: fewer of them means that one was taken away. */
  readonly services: Readonly<Record<string, number>>;
  /** What `up` left, by the container's name. */
  readonly applied: Readonly<Record<string, AppliedContainer>>;
  /** Restarts that the engine had counted for a container when `up` finished. */
  readonly restartsBefore: Readonly<Record<string, number>>;
  readonly attempts: Attempts | null;
  /** Deployment that has got its one outcome. */
  readonly settled: Settled | null;
  readonly rejected: Rejected | null;
  /** Drift that was told and is there still. */
  readonly drift: readonly DriftItem[];
  /** Generation of the `removed` entry that was carried out. */
  readonly removedGeneration: number | null;
}

export interface SeenStack {
  readonly record: StackRecord | null;
  readonly containers: readonly SeenContainer[];
  /** The last version that was healthy here. */
  readonly good: DesiredStack | null;
  readonly changedFiles: readonly ChangedFile[];
}

export interface Observed {
  readonly stacks: ReadonlyMap<string, SeenStack>;
  /** Images that desired stacks name and the engine does not have. */
  readonly missingImages: ReadonlySet<string>;
}

export const NOTHING_SEEN: SeenStack = { record: null, containers: [], good: null, changedFiles: [] };

export function newRecord(name: string): StackRecord {
  return {
    name,
    revision: null,
    deployment: null,
    appliedHash: null,
    appliedAt: 0,
    begunHash: null,
    stoppedHash: null,
    services: {},
    applied: {},
    restartsBefore: {},
    attempts: null,
    settled: null,
    rejected: null,
    drift: [],
    removedGeneration: null,
  };
}

/** A job that has done its work: nothing brings it back, and nothing should. What has a health check is meant to run. */
export function isFinishedJob(container: SeenContainer): boolean {
  const { state, exitCode, restartPolicy, isChecked = false, isStopAsked } = container;
  const mayEnd = restartPolicy === 'no' || restartPolicy === 'on-failure';
  return state === 'exited' && exitCode === 0 && mayEnd && !isChecked && !isStopAsked;
}

/**
 * Somebody stopped it: it was asked to, or its policy would have started it again. One that the engine tried to start
 * and could not is no such thing.
 */
export function isStoppedByHand(container: SeenContainer): boolean {
  if (container.state !== 'exited' || container.startError !== null || container.oomKilled) return false;
  return container.isStopAsked || container.restartPolicy === 'always' || container.restartPolicy === 'unless-stopped';
}

/** It does not run though it should. */
export function isDown(container: SeenContainer): boolean {
  return !isActive(container) && !isFinishedJob(container);
}

export function isActive(container: SeenContainer): boolean {
  return container.state === 'running' || container.state === 'restarting' || container.state === 'paused';
}

/** The deployment has got its outcome. */
export function isSettled(target: DesiredStack, { record }: Pick<SeenStack, 'record'>): boolean {
  const settled = record?.settled ?? null;
  return settled !== null && settled.hash === target.hash && settled.deployment === target.deployment;
}
