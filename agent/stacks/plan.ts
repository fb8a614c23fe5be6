// plan(desired, observed, now): what to do next, and what waits for what. Pure and total: the same input gives the same
// plan, and it never names a single container, because Compose compares those itself.
import type { DesiredDocument, DesiredStack, RemovedStack } from '#subjects/schema/desired.ts';
import { namedImages } from './images.ts';
import {
  type Instant,
  isActive,
  isFinishedJob,
  NOTHING_SEEN,
  type Observed,
  type SeenContainer,
  type SeenStack,
} from './model.ts';
import { notBefore, removalHash } from './retry.ts';
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
    if (change === null) continue;
    const [first] = change.steps;
    if (first === undefined) continue;
    const wait = { stack: first.stack, why: first.why };
    const attempts = observed.stacks.get(first.stack)?.record?.attempts ?? null;
    const until = notBefore(attempts, change.hash);
    if (desired.config.paused) blocked.push({ ...wait, until: 'resumed' });
    else if (until !== null && until > now) blocked.push({ ...wait, until });
    else steps.push(...change.steps);
  }
  return { steps, blocked };
}

interface Change {
  /** Tries are counted by it. */
  readonly hash: string;
  readonly steps: readonly Step[];
}

function changeOf(target: DesiredStack, observed: Observed): Change | null {
  const seen = observed.stacks.get(target.name) ?? NOTHING_SEEN;
  if (target.state === 'stopped') {
    const why = whyStop(seen);
    return why === null ? null : { hash: target.hash, steps: [{ kind: 'stop', stack: target.name, why, target }] };
  }
  const why = whyUp(target, seen);
  if (why === null) return null;
  return { hash: target.hash, steps: upSteps(target, why, observed.missingImages) };
}

function upSteps(target: DesiredStack, why: string, missing: ReadonlySet<string>): Step[] {
  const { images, isCertain } = namedImages(target);
  const absent = images.filter(({ image, policy }) => missing.has(image) && policy !== 'never');
  const asked = images.filter(({ policy }) => policy !== null && policy !== 'never' && policy !== 'missing');
  const up: Step = { kind: 'up', stack: target.name, why, target, pull: 'as-written' };
  // Where the text says more than "fetch what is missing", Compose follows it when it brings the stack up.
  if (!isCertain || asked.length > 0) return [up];
  if (absent.length === 0) return [{ ...up, pull: 'never' }];
  const names = absent.map(({ image }) => image).join(', ');
  const services = absent.map(({ service }) => service);
  const pull: Step = { kind: 'pull', stack: target.name, why: `${names} is not here yet`, target, services };
  return [pull, { ...up, pull: 'never' }];
}

function whyUp(target: DesiredStack, { record, containers }: SeenStack): string | null {
  if (record === null || record.appliedHash === null) {
    return containers.length === 0
      ? `revision ${target.revision} is new here`
      : 'what runs was not yet compared with it';
  }
  if (record.appliedHash !== target.hash) {
    return `revision ${target.revision} replaces revision ${record.revision ?? 'unknown'}`;
  }
  for (const [service, count] of Object.entries(record.services)) {
    const found = containers.filter((container) => container.service === service).length;
    if (found < count) return `a container of ${service} is gone`;
  }
  const down = containers.find((container) => container.service in record.services && isDown(container));
  return down === undefined ? null : whyDown(down);
}

function isDown(container: SeenContainer): boolean {
  return !isActive(container) && !isFinishedJob(container);
}

function whyDown(container: SeenContainer): string {
  if (container.state === 'created') return `${container.name} was never started`;
  if (container.oomKilled) return `${container.name} ran out of memory`;
  return `${container.name} exited with code ${container.exitCode ?? 'unknown'}`;
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
  return { hash: removalHash(entry), steps: [{ kind: 'down', stack, why, deployment, generation, volumes }] };
}
