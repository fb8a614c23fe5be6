// One look at all stacks of a document: what each is like, which deployments have got their outcome, which version is
// given up for the last good one, and whether the node has converged.
import type { DesiredDocument, DesiredStack, RemovedStack } from '#subjects/schema/desired.ts';
import type { StackFailure } from '#subjects/schema/node-event.ts';
import type { ObservedService, ObservedStack } from '#subjects/schema/report.ts';
import type { Recorder } from '../outbox/recorder.ts';
import { type Assessment, assess, assessRemoval, type Outcome, type Outlook } from './assess.ts';
import { driftOf } from './drift.ts';
import { earliest } from './health.ts';
import type { Ledger } from './ledger.ts';
import { type Instant, NOTHING_SEEN, type Observed, type SeenContainer, type SeenStack } from './model.ts';
import type { Plan } from './plan.ts';
import { removalHash } from './retry.ts';
import { becomesGood, effectiveTarget, mayGoBack, whyBack } from './rollback.ts';

export interface StacksView {
  readonly stacks: readonly ObservedStack[];
  readonly unmanaged: readonly string[];
}

export interface Look {
  readonly document: DesiredDocument;
  readonly observed: Observed;
  readonly planned: Plan;
  /** Stacks with a flight while it was looked: what was seen of them may be half a truth. */
  readonly busy: ReadonlyMap<string, { readonly why: string }>;
  /** What was found out of containers that made a deployment fail. */
  readonly failures: ReadonlyMap<string, StackFailure>;
  readonly ledger: Ledger;
  readonly recorder: Recorder;
  readonly now: Instant;
}

export interface Settlement {
  readonly view: StacksView;
  readonly isConverged: boolean;
  readonly lookAgainAt: Instant | null;
  /** Stacks that failed by the fault of a container, whose last words are wanted before that is told. */
  readonly unexplained: ReadonlyMap<string, SeenContainer>;
  /** Stacks whose version was given up just now: what was planned for them is void. */
  readonly givenUp: ReadonlySet<string>;
}

export function settleAndView(look: Look): Settlement {
  const { document, observed, busy, ledger } = look;
  const pending = new Map([...look.planned.blocked, ...look.planned.steps].map(({ stack, why }) => [stack, why]));
  const lookAgain: (Instant | null)[] = [];
  const unexplained = new Map<string, SeenContainer>();
  const givenUp = new Set<string>();
  let isConverged = true;

  function viewed(name: string, hash: string, entry: DesiredStack | RemovedStack): ObservedStack {
    const seen = observed.stacks.get(name) ?? NOTHING_SEEN;
    const flight = busy.get(name);
    const outlook: Outlook = {
      isInFlight: flight !== undefined,
      pending: flight?.why ?? pending.get(name) ?? null,
      isPaused: document.config.paused,
    };
    const found = 'compose' in entry ? assessed(entry, seen, outlook, look) : assessRemoval(entry, seen, outlook);
    lookAgain.push(found.lookAgainAt);
    if (found.outcome !== null) {
      const what = settle(look, entry, hash, seen, found.outcome);
      if (what === 'unexplained' && found.outcome.culprit) unexplained.set(name, found.outcome.culprit);
      if (what === 'given-up') givenUp.add(name);
    }
    if (flight === undefined && 'compose' in entry) tellDrift(look, entry, seen);
    if (!ledger.hasTold(name, hash, entry.deployment)) isConverged = false;
    if (found.phase === 'running' || found.phase === 'rolled-back') ledger.forgive(name, look.now);
    return observedStack(name, givenUp.has(name) ? goingBack(look, entry) : found, seen, look);
  }

  const wanted = new Set(document.stacks.map(({ name }) => name));
  const removed = document.removed.filter(({ name }) => !wanted.has(name));
  const stacks = [
    ...document.stacks.map((stack) => viewed(stack.name, stack.hash, stack)),
    ...removed.map((entry) => viewed(entry.name, removalHash(entry), entry)),
  ];
  const named = new Set(stacks.map(({ name }) => name));
  const found = [...observed.stacks].filter(([, { containers }]) => containers.length > 0).map(([name]) => name);
  const unmanaged = found.filter((name) => !named.has(name)).toSorted();
  return { view: { stacks, unmanaged }, isConverged, lookAgainAt: earliest(lookAgain), unexplained, givenUp };
}

function assessed(entry: DesiredStack, seen: SeenStack, outlook: Outlook, { ledger, now }: Look): Assessment {
  const found = assess(entry, seen, outlook, now);
  const { target } = effectiveTarget(entry, seen);
  const isWaiting = found.phase === 'applying' && !outlook.isInFlight && outlook.pending === null;
  const { appliedHash = null, deployment = null } = seen.record ?? {};
  if (!isWaiting || appliedHash !== target.hash || deployment === target.deployment) return found;
  // This deployment found its version there, but not well: its time begins now.
  ledger.takenOver(target, now);
  return assess(entry, { ...seen, record: ledger.find(entry.name) }, outlook, now);
}

function settle(
  { ledger, recorder, failures }: Look,
  entry: DesiredStack | RemovedStack,
  hash: string,
  seen: SeenStack,
  { ok, word, reason, culprit }: Outcome,
): 'settled' | 'unexplained' | 'given-up' {
  const { name: stack, deployment } = entry;
  const found = failures.get(stack) ?? null;
  const isNew = !ledger.hasTold(stack, hash, deployment);
  if (isNew && culprit !== null && found === null) return 'unexplained';
  const goal = 'compose' in entry ? effectiveTarget(entry, seen) : null;
  if (isNew && !ok && goal?.givenUp === null && mayGoBack(goal.target, seen.good)) {
    const { revision } = goal.target;
    ledger.givenUp(stack, { hash, deployment, revision, reason: reason ?? 'it failed', failure: found });
    return 'given-up';
  }
  const revision = goal === null ? null : goal.target.revision;
  const told = 'compose' in entry ? entry.revision : null;
  const failure = goal?.givenUp ? (seen.record?.rejected?.failure ?? found) : found;
  const isStopped = 'compose' in entry && entry.state === 'stopped';
  const good = ok && goal !== null && becomesGood(goal, seen) ? goal.target : undefined;
  ledger.settle(
    stack,
    { hash, deployment, revision, isStopped, ok, outcome: word, reason },
    () => {
      if (deployment === null) return null;
      const about = { stack, revision: told, deployment };
      return recorder.prepared({ type: 'stack.settled', ...about, outcome: word, reason, failure });
    },
    good,
  );
  return 'settled';
}

/** Each set of differences is told once, and forgotten when somebody put it right himself. */
function tellDrift({ ledger, recorder }: Look, entry: DesiredStack, seen: SeenStack): void {
  const record = ledger.find(entry.name);
  if (record === null) return;
  const { target } = effectiveTarget(entry, { record, good: seen.good });
  const items = driftOf(target, { ...seen, record });
  if (JSON.stringify(items) === JSON.stringify(record.drift)) return;
  const event = { type: 'stack.drifted', stack: entry.name, items } as const;
  ledger.drifted(entry.name, items, items.length === 0 ? null : recorder.prepared(event));
}

function goingBack({ ledger }: Look, entry: DesiredStack | RemovedStack): Assessment {
  const { name } = entry;
  const memory = { record: ledger.find(name), good: ledger.good(name) };
  const reason = 'compose' in entry ? whyBack(effectiveTarget(entry, memory)) : null;
  return { phase: 'applying', reason, outcome: null, lookAgainAt: null };
}

function observedStack(name: string, found: Assessment, seen: SeenStack, look: Look): ObservedStack {
  const record = look.ledger.find(name);
  const settled = record?.settled ?? null;
  const short = (text: string | null) => text?.slice(0, 4096) ?? null;
  return {
    name,
    revision: record?.revision ?? null,
    deployment: record?.deployment ?? null,
    hash: record?.appliedHash ?? record?.stoppedHash ?? null,
    phase: found.phase,
    reason: short(found.reason),
    services: services(seen),
    drift: [...(record?.drift ?? [])],
    settled:
      settled?.deployment == null || settled.outcome === undefined
        ? null
        : { deployment: settled.deployment, outcome: settled.outcome, reason: short(settled.reason ?? null) },
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
