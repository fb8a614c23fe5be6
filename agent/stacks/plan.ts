// plan(desired, observed, now): what to do next, and what waits for what. Pure and total: the same input gives the same
// plan, and it never names a single container, because Compose compares those itself.
import type { DesiredDocument, DesiredStack, RemovedStack } from '#subjects/schema/desired.ts';
import type { DriftItem } from '#subjects/schema/drift.ts';
import { describeDrift, driftOf, isInPlace } from './drift.ts';
import { filesMark } from './files-mark.ts';
import { whyDown } from './health.ts';
import { namedImages } from './images.ts';
import {
  type Instant,
  isActive,
  isDown,
  isFinishedJob,
  isSettled,
  isStoppedByHand,
  NOTHING_SEEN,
  type Observed,
  type SeenStack,
} from './model.ts';
import { notBefore, removalHash, triesKey } from './retry.ts';
import { effectiveTarget, whyBack } from './rollback.ts';
import type { Step } from './steps.ts';

export interface Blocked {
  readonly stack: string;
  /** What would be done. */
  readonly why: string;
  readonly until: Instant | 'resumed';
}

export interface Plan {
  readonly steps: readonly Step[];
  readonly blocked: readonly Blocked[];
}

export type PlannedPart = Pick<DesiredDocument, 'config' | 'stacks' | 'removed'>;

export function plan(desired: PlannedPart, observed: Observed, now: Instant): Plan {
  const steps: Step[] = [];
  const blocked: Blocked[] = [];
  const wanted = new Set(desired.stacks.map((stack) => stack.name));
  const changes = [
    ...desired.stacks.map((stack) => changeOf(stack, observed)),
    // A stack that is wanted again is not taken away, whatever an old entry says.
    ...desired.removed.filter((entry) => !wanted.has(entry.name)).map((entry) => removalOf(entry, observed)),
  ];
  for (const change of changes) {
    const [first] = change?.steps ?? [];
    if (change === null || first === undefined) continue;
    const wait = { stack: first.stack, why: first.why };
    const attempts = observed.stacks.get(first.stack)?.record?.attempts ?? null;
    // What completes an `up` that went well does not wait as a further try would.
    const isFollowUp = first.kind === 'recreate' && attempts?.failure === null;
    const until = isFollowUp ? null : notBefore(attempts, change.key, now);
    if (desired.config.paused) blocked.push({ ...wait, until: 'resumed' });
    else if (until !== null && until > now) blocked.push({ ...wait, until });
    else steps.push(...change.steps);
  }
  return { steps, blocked };
}

interface Change {
  /** Tries are counted by it. */
  readonly key: string;
  readonly steps: readonly Step[];
}

function changeOf(wanted: DesiredStack, observed: Observed): Change | null {
  const seen = observed.stacks.get(wanted.name) ?? NOTHING_SEEN;
  const goal = effectiveTarget(wanted, seen);
  const { target } = goal;
  // A deployment makes the node what it says; only what happens after it may be left alone.
  const isLeftAlone = wanted.drift === 'report' && isSettled(wanted, seen);
  const steps = stepsFor({ target, back: whyBack(goal), isLeftAlone }, seen, observed.missingImages);
  return steps.length === 0 ? null : { key: triesKey(target), steps };
}

interface Aim {
  readonly target: DesiredStack;
  /** Why it is the last good version that is aimed at. */
  readonly back: string | null;
  /** Changes by hand are. */
  readonly isLeftAlone: boolean;
}

function stepsFor({ target, back, isLeftAlone }: Aim, seen: SeenStack, missing: ReadonlySet<string>): Step[] {
  const items = driftOf(target, seen);
  const stack = target.name;
  if (target.state === 'stopped') {
    const why = items.length > 0 && isLeftAlone ? null : whyStop(seen);
    return why === null ? [] : [{ kind: 'stop', stack, why, target }];
  }
  const anew = whyAnew(target, back, seen);
  if (anew !== null) return upSteps(target, anew, missing);
  if (items.length > 0) return isLeftAlone ? mend(target, seen) : putRight(target, items, seen, missing);
  const incomplete = incompleteIn(seen);
  if (incomplete !== null) return upSteps(target, incomplete.why, missing, incomplete.services);
  const bare = withLostSecrets(seen);
  if (bare.length > 0) return [{ kind: 'recreate', stack, why: whyLostSecrets(bare), target, services: bare }];
  const services = withOtherFiles(target, seen);
  return services.length === 0 ? [] : [{ kind: 'recreate', stack, why: whyOtherFiles(services), target, services }];
}

/** @param services those alone; without any all of them */
function upSteps(
  target: DesiredStack,
  why: string,
  missing: ReadonlySet<string>,
  services: readonly string[] = [],
): Step[] {
  const { images, isCertain } = namedImages(target);
  const absent = images.filter(({ image, policy }) => missing.has(image) && policy !== 'never');
  const asked = images.filter(({ policy }) => policy !== null && policy !== 'never' && policy !== 'missing');
  const up: Step = { kind: 'up', stack: target.name, why, target, pull: 'as-written', services };
  // Where the text says more than "fetch what is missing", Compose follows it when it brings the stack up.
  if (!isCertain || asked.length > 0) return [up];
  if (absent.length === 0) return [{ ...up, pull: 'never' }];
  const names = absent.map(({ image }) => image).join(', ');
  const fetched = absent.map(({ service }) => service);
  const pull: Step = { kind: 'pull', stack: target.name, why: `${names} is not here yet`, target, services: fetched };
  return [pull, { ...up, pull: 'never' }];
}

/** Why what runs may be another version than the one that is wanted. */
function whyAnew(target: DesiredStack, back: string | null, { record, containers }: SeenStack): string | null {
  // What was given up has left its files, and perhaps its containers.
  if (back !== null && (record?.appliedHash !== target.hash || record.begunHash !== target.hash)) return back;
  if (record === null || record.appliedHash === null) {
    return containers.length === 0
      ? `revision ${target.revision} is new here`
      : 'what runs was not yet compared with it';
  }
  if (record.appliedHash !== target.hash) {
    return `revision ${target.revision} replaces revision ${record.revision ?? 'unknown'}`;
  }
  const isHalfDone = record.begunHash !== null && record.begunHash !== target.hash;
  return isHalfDone ? `another revision was begun since revision ${target.revision} was brought up` : null;
}

/** Services of which something is gone or down. */
function incompleteIn({ record, containers }: SeenStack): { why: string; services: string[] } | null {
  if (record === null) return null;
  const gone = Object.entries(record.services).flatMap(([service, count]) => {
    return containers.filter((container) => container.service === service).length < count ? [service] : [];
  });
  const down = containers.filter((container) => container.service in record.services && isDown(container));
  const services = [...new Set([...gone, ...down.map(({ service }) => service)])].toSorted();
  const [first] = down;
  if (gone[0] !== undefined) return { why: `a container of ${gone[0]} is gone`, services };
  return first === undefined ? null : { why: whyDown(first), services };
}

/** Of a stack that is put right: all but jobs that have ended, which would be run again. */
function withoutEndedJobs({ record, containers }: SeenStack): string[] {
  const services = Object.keys(record?.services ?? {});
  const isEnded = (service: string) => {
    const own = containers.filter((container) => container.service === service);
    return own.length > 0 && own.every(isFinishedJob);
  };
  return services.some(isEnded) ? services.filter((service) => !isEnded(service)).toSorted() : [];
}

/** Undoes what was changed by hand. */
function putRight(
  target: DesiredStack,
  items: readonly DriftItem[],
  seen: SeenStack,
  missing: ReadonlySet<string>,
): Step[] {
  const stack = target.name;
  const inPlace = items.filter(isInPlace);
  const others = items.filter((item) => !isInPlace(item));
  const services = [...new Set(inPlace.flatMap(({ service }) => service ?? []))];
  const why = (changes: readonly DriftItem[]) => `it was changed by hand: ${describeDrift(changes)}`;
  const up = others.length === 0 ? [] : upSteps(target, why(others), missing, withoutEndedJobs(seen));
  return services.length === 0 ? up : [...up, { kind: 'recreate', stack, why: why(inPlace), target, services }];
}

/** Hand-made changes stay; what ended by itself is started as it is. */
function mend(target: DesiredStack, { record, containers }: SeenStack): Step[] {
  const down = containers.filter(
    (container) => container.service in (record?.services ?? {}) && isDown(container) && !isStoppedByHand(container),
  );
  const [first] = down;
  if (first === undefined) return [];
  const services = [...new Set(down.map(({ service }) => service))];
  const hasJobs = containers.some(isFinishedJob);
  return [{ kind: 'start', stack: target.name, why: whyDown(first), target, services, hasJobs }];
}

/** A wiped tmpfs is filled again, but a container that ran meanwhile holds on to the old one. */
function withLostSecrets({ record, containers }: SeenStack): string[] {
  const bare = containers.filter(
    ({ service, hasLostSecrets }) => hasLostSecrets && service in (record?.services ?? {}),
  );
  return [...new Set(bare.map(({ service }) => service))];
}

function whyLostSecrets(services: readonly string[]): string {
  return `the secrets of ${services.join(', ')} were lost and are written anew`;
}

/** Services whose containers were made when the files they mount were others. */
export function withOtherFiles(target: DesiredStack, { record, containers }: SeenStack): string[] {
  const applied = new Map(Object.values(record?.applied ?? {}).map((one) => [one.id, one]));
  const stale = containers.filter(({ id, mounts }) => {
    const before = applied.get(id);
    return before !== undefined && before.filesMark !== filesMark(target.files, mounts);
  });
  return [...new Set(stale.map(({ service }) => service))];
}

export function whyOtherFiles(services: readonly string[]): string {
  return `files that ${services.join(', ')} mounts were changed`;
}

function whyStop({ containers }: SeenStack): string | null {
  const count = containers.filter(isActive).length;
  if (count === 0) return null;
  return `it should be stopped and ${count} ${count === 1 ? 'container runs' : 'containers run'}`;
}

function removalOf(entry: RemovedStack, observed: Observed): Change | null {
  const { record, containers } = observed.stacks.get(entry.name) ?? NOTHING_SEEN;
  // Carried out once: what somebody starts under that name later is not ours to take away.
  if (record?.removedGeneration != null && record.removedGeneration >= entry.generation) return null;
  const why = containers.length === 0 ? 'it was removed, nothing of it may stay' : 'it was removed';
  const { name: stack, deployment, generation, volumes } = entry;
  return { key: removalHash(entry), steps: [{ kind: 'down', stack, why, deployment, generation, volumes }] };
}
