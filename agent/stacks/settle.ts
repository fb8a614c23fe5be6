// One look at all stacks of a document: what each is like, which deployments have got their outcome, and whether the
// node has converged.
import type { DesiredDocument, DesiredStack, RemovedStack } from '#subjects/schema/desired.ts';
import type { ObservedService, ObservedStack } from '#subjects/schema/report.ts';
import type { Recorder } from '../outbox/recorder.ts';
import { type Assessment, assess, assessRemoval, type Outlook } from './assess.ts';
import { earliest } from './health.ts';
import type { Ledger } from './ledger.ts';
import { type Instant, NOTHING_SEEN, type Observed, type SeenContainer, type SeenStack } from './model.ts';
import type { Plan } from './plan.ts';
import { removalHash } from './retry.ts';

export interface StacksView {
  readonly stacks: readonly ObservedStack[];
  readonly unmanaged: readonly string[];
}

interface Look {
  readonly document: DesiredDocument;
  readonly observed: Observed;
  readonly planned: Plan;
  /** Stacks with a flight while it was looked: what was seen of them may be half a truth. */
  readonly busy: ReadonlyMap<string, { readonly why: string }>;
  readonly ledger: Ledger;
  readonly recorder: Recorder;
  readonly now: Instant;
}

export function settleAndView(look: Look): { view: StacksView; isConverged: boolean; lookAgainAt: Instant | null } {
  const { document, observed, busy } = look;
  const pending = new Map([...look.planned.blocked, ...look.planned.steps].map(({ stack, why }) => [stack, why]));
  const lookAgain: (Instant | null)[] = [];
  let isConverged = true;

  function assessed(name: string, hash: string, entry: DesiredStack | RemovedStack): ObservedStack {
    const seen = observed.stacks.get(name) ?? NOTHING_SEEN;
    const flight = busy.get(name);
    const outlook: Outlook = {
      isInFlight: flight !== undefined,
      pending: flight?.why ?? pending.get(name) ?? null,
      isPaused: document.config.paused,
    };
    const found = 'compose' in entry ? assess(entry, seen, outlook, look.now) : assessRemoval(entry, seen, outlook);
    lookAgain.push(found.lookAgainAt);
    if (found.outcome !== null) settle(look, entry, hash, found.outcome);
    if (!look.ledger.hasTold(name, hash, entry.deployment)) isConverged = false;
    if (found.phase === 'running') look.ledger.forgive(name, look.now);
    return observedStack(name, found, seen, look);
  }

  const wanted = new Set(document.stacks.map(({ name }) => name));
  const removed = document.removed.filter(({ name }) => !wanted.has(name));
  const stacks = [
    ...document.stacks.map((stack) => assessed(stack.name, stack.hash, stack)),
    ...removed.map((entry) => assessed(entry.name, removalHash(entry), entry)),
  ];
  const named = new Set(stacks.map(({ name }) => name));
  const found = [...observed.stacks].filter(([, { containers }]) => containers.length > 0).map(([name]) => name);
  const unmanaged = found.filter((name) => !named.has(name)).toSorted();
  return { view: { stacks, unmanaged }, isConverged, lookAgainAt: earliest(lookAgain) };
}

function settle(
  { ledger, recorder }: Look,
  entry: DesiredStack | RemovedStack,
  hash: string,
  outcome: { ok: boolean; reason: string | null },
): void {
  const revision = 'compose' in entry ? entry.revision : null;
  const isStopped = 'compose' in entry && entry.state === 'stopped';
  const { name: stack, deployment } = entry;
  ledger.settle(stack, { hash, deployment, revision, isStopped, ok: outcome.ok }, () => {
    if (deployment === null) return null;
    const word = outcome.ok ? 'succeeded' : 'failed';
    const { reason } = outcome;
    return recorder.prepared({
      type: 'stack.settled',
      stack,
      revision,
      deployment,
      outcome: word,
      reason,
      failure: null,
    });
  });
}

function observedStack(name: string, found: Assessment, seen: SeenStack, look: Look): ObservedStack {
  const record = look.ledger.find(name);
  return {
    name,
    revision: record?.revision ?? null,
    deployment: record?.deployment ?? null,
    hash: record?.appliedHash ?? record?.stoppedHash ?? null,
    phase: found.phase,
    reason: found.reason?.slice(0, 4096) ?? null,
    services: services(seen),
    drift: [],
    settled: null,
  };
}

function services({ record, containers }: SeenStack): ObservedService[] {
  const present = containers.map(service).toSorted((a, b) => (a.container < b.container ? -1 : 1));
  const gone = Object.entries(record?.services ?? {}).filter(([name, count]) => {
    return containers.filter((container) => container.service === name).length < count;
  });
  return [...present, ...gone.map(([name]) => missing(name))];
}

function service(container: SeenContainer): ObservedService {
  const { service: name, name: full, image, state, health, exitCode, restarts, startedAt } = container;
  const started = startedAt === null ? null : new Date(startedAt).toISOString();
  return { name, container: full, image, state, health, exitCode, restarts, startedAt: started };
}

function missing(name: string): ObservedService {
  const nothing = { health: null, exitCode: null, restarts: 0, startedAt: null };
  return { name, container: '', image: '', state: 'missing', ...nothing };
}
