// An engine in a few lines, in virtual time, and a reconciler without a loop: looks and steps one after the other, so
// that thousands of histories can be tried. What a version does when it is brought up is said by its letter.

import { recorder } from '#agent/outbox/recorder.ts';
import { failureOf } from '#agent/stacks/failure.ts';
import { Ledger } from '#agent/stacks/ledger.ts';
import type { Observed, SeenContainer } from '#agent/stacks/model.ts';
import { type PlannedPart, plan } from '#agent/stacks/plan.ts';
import { triesKey } from '#agent/stacks/retry.ts';
import { settleAndView } from '#agent/stacks/settle.ts';
import type { Step } from '#agent/stacks/steps.ts';
import { memoryStore } from '#agent/state/memory-store.ts';
import type { DesiredDocument } from '#subjects/schema/desired.ts';
import type { NodeEventBody } from '#subjects/schema/node-event.ts';
import { container, NOW } from './notation.ts';

/** a, b, c run; the others fail in their own ways. */
export const FAILING = { r: 'refused', x: 'exits', l: 'crashes again and again', s: 'is sick', o: 'out of memory' };
type Failing = keyof typeof FAILING;
const isFailing = (letter: string): letter is Failing => letter in FAILING;

export interface ModelNode {
  /** One look and what follows from it. @returns false when nothing is left to do or to wait for */
  round(document: PlannedPart, isKilled: () => boolean): boolean;
  /** What runs of a stack: the letter of its version. */
  running(stack: string): string | null;
  readonly volumes: ReadonlySet<string>;
  settled(): (NodeEventBody & { type: 'stack.settled' })[];
  /** Somebody's hand. */
  touch(stack: string, how: 'remove' | 'halt' | 'resize'): void;
  readonly steps: Step[];
}

export function modelNode(): ModelNode {
  const store = memoryStore('e');
  const made = () => recorder({ spool: store.spool, bootId: 'b', now: () => now, onRecorded() {} });
  const containers = new Map<string, { letter: string; seen: SeenContainer }>();
  const volumes = new Set<string>();
  const steps: Step[] = [];
  let recorded = made();
  let ledger = new Ledger(store, recorded.announce);
  let now = NOW;
  let ids = 0;

  function look(): Observed {
    const names = new Set([...ledger.names(), ...containers.keys()]);
    const stacks = [...names].map((name) => {
      const found = containers.get(name);
      const memory = { record: ledger.find(name), good: ledger.good(name) };
      return [name, { ...memory, containers: found ? [found.seen] : [], changedFiles: [] }] as const;
    });
    return { stacks: new Map(stacks), missingImages: new Set() };
  }

  function up(stack: string, letter: string): boolean {
    volumes.add(stack);
    const before = containers.get(stack);
    if (before?.letter === letter && before.seen.state === 'running') return letter !== 'r';
    const id = before?.letter === letter ? before.seen.id : `${stack}-${++ids}`;
    const fresh = container(stack, { id, startedAt: now, configHash: letter, restartPolicy: 'no' });
    const ended = { state: 'exited', exitCode: 1 } as const;
    const ends: Record<Failing, Partial<SeenContainer>> = {
      r: { state: 'created' },
      x: ended,
      o: { ...ended, exitCode: 137, oomKilled: true },
      l: { state: 'restarting', restartPolicy: 'always', restarts: 9, exitCode: 1 },
      s: { health: 'unhealthy' },
    };
    containers.set(stack, { letter, seen: { ...fresh, ...(isFailing(letter) ? ends[letter] : {}) } });
    return letter !== 'r';
  }

  /** @returns whether it went well */
  function change(step: Step): boolean {
    const found = containers.get(step.stack);
    switch (step.kind) {
      case 'pull':
        return true;
      case 'up':
        return up(step.stack, step.target.hash[0] ?? '');
      case 'recreate':
        containers.delete(step.stack);
        return up(step.stack, step.target.hash[0] ?? '');
      case 'start':
        if (found) containers.set(step.stack, { ...found, seen: { ...found.seen, state: 'running', exitCode: null } });
        return true;
      case 'stop':
        if (found) containers.set(step.stack, { ...found, seen: { ...found.seen, state: 'exited', exitCode: 0 } });
        return true;
      case 'down':
        containers.delete(step.stack);
        if (step.volumes) volumes.delete(step.stack);
        return true;
      default:
        return step satisfies never;
    }
  }

  function remember(step: Step, isOk: boolean): void {
    if (step.kind === 'down') {
      const about = { stack: step.stack, revision: null, deployment: step.deployment };
      const body = { type: 'stack.settled', ...about, outcome: 'succeeded', reason: null, failure: null } as const;
      ledger.takenDown(step.stack, step, step.deployment === null ? null : recorded.prepared(body));
      return;
    }
    const found = containers.get(step.stack);
    const own = found ? [found.seen] : [];
    const failed = { ok: false, exitCode: 1, reason: 'the engine refuses it', permanent: false };
    if (!isOk) ledger.brokenOff(step.stack, triesKey(step.target), now, failed);
    else if (step.kind === 'stop') ledger.stopped(step.target, null);
    else if (step.kind === 'start') ledger.started(step.target, own, now);
    else if (step.kind !== 'pull') ledger.broughtUp(step.target, own, now);
  }

  function carryOut(step: Step, isKilled: () => boolean): boolean {
    steps.push(step);
    if (step.kind === 'pull' || step.kind === 'up' || step.kind === 'recreate') ledger.begun(step.target);
    const isOk = change(step);
    if (isKilled()) {
      recorded = made();
      ledger = new Ledger(store, recorded.announce);
      return false;
    }
    remember(step, isOk);
    return isOk;
  }

  return {
    steps,
    volumes,
    round(part, isKilled) {
      now += 1;
      const document = { ...part, generation: 1 } as DesiredDocument;
      const observed = look();
      const planned = plan(document, observed, now);
      const looked = { document, observed, planned, busy: new Map(), ledger, recorder: recorded, now };
      let settled = settleAndView({ ...looked, failures: new Map() });
      if (settled.unexplained.size > 0) {
        const failures = [...settled.unexplained].map(([name, one]) => [name, failureOf(one, ['last word'])] as const);
        settled = settleAndView({ ...looked, failures: new Map(failures) });
      }
      const valid = planned.steps.filter(({ stack }) => !settled.givenUp.has(stack));
      for (const own of Map.groupBy(valid, ({ stack }) => stack).values())
        own.every((step) => carryOut(step, isKilled));
      if (valid.length > 0 || settled.givenUp.size > 0) return true;
      const until = planned.blocked.flatMap((wait) => (wait.until === 'resumed' ? [] : [wait.until]));
      const next = [...until, ...(settled.lookAgainAt === null ? [] : [settled.lookAgainAt])];
      if (next.length === 0) return false;
      now = Math.max(now, Math.min(...next));
      return true;
    },
    running: (stack) => {
      const found = containers.get(stack);
      return found?.seen.state === 'running' ? found.letter : null;
    },
    settled() {
      const told: NodeEventBody[] = [];
      for (let next = store.spool.oldest(); next !== null; next = store.spool.oldest()) {
        told.push(next.event.body);
        store.spool.release(next.sequence);
      }
      return told.filter((body) => body.type === 'stack.settled');
    },
    touch(stack, how) {
      const found = containers.get(stack);
      if (!found) return;
      if (how === 'remove') containers.delete(stack);
      const halted = { state: 'exited', exitCode: 143, isStopAsked: true } as const;
      const change = how === 'halt' ? halted : { settings: { memory: '1' } };
      if (how !== 'remove') containers.set(stack, { ...found, seen: { ...found.seen, ...change } });
    },
  };
}
