// Looks at sources and images when they are due: one stack at a time for each kind, whichever scheduler takes it. A hook
// makes one due at once.
import { setTimeout as pause } from 'node:timers/promises';
import type { Stoppable } from '#infra/nats/bus.ts';
import type { Actor } from '#subjects/schema/actor.ts';
import { lookAtImages } from '../images/look.ts';
import {
  type CheckKind,
  type DueCheck,
  followStacks,
  makeDue,
  nextDue,
  putBack,
  takeDue,
} from '../store/source-checks.ts';
import { nextCheck } from './decisions.ts';
import { type Look, lookAtSource, NOTHING_SEEN } from './look.ts';
import { anySpread, type LookParts } from './parts.ts';

export interface Rounds extends Stoppable {
  /** Soon, however often it is asked for. */
  hurry(stack: string, kind: CheckKind): Promise<void>;
}

/** How often the table is looked into at least: what another process made due waits as long. */
const EVERY_MS = 5_000;
const SHORTEST_MS = 100;
/** Longer than any look may take; one whose scheduler was killed is taken up again after that. */
const HOLD_MS = 15 * 60_000;

function system(id: string): Actor {
  return { kind: 'system', id: 'scheduler', origin: 'scheduler', requestId: id };
}

export function startRounds(parts: LookParts): Rounds {
  const { database, issuer, log } = parts;
  const stopping = new AbortController();
  let waking = new AbortController();

  async function look({ stack, kind }: DueCheck): Promise<Look> {
    const by = system(issuer.newId());
    try {
      return await (kind === 'git' ? lookAtSource(parts, stack, by) : lookAtImages(parts, stack, by));
    } catch (error) {
      if (!stopping.signal.aborted) log.warn({ err: error, stack, kind }, 'a look failed; it is taken up again');
      return { ...NOTHING_SEEN, failed: true };
    }
  }

  /** @returns milliseconds until there is anything to do, as far as is known */
  async function once(kind: CheckKind): Promise<number> {
    const now = issuer.now();
    const heldUntil = new Date(now.getTime() + HOLD_MS);
    const due = await database.transaction(async (em) => {
      if (kind === 'git') await followStacks(em, now);
      return takeDue(em, kind, now, heldUntil);
    });
    if (due === null) {
      const next = await database.read((em) => nextDue(em, kind));
      const wait = next === null ? EVERY_MS : next.getTime() - issuer.now().getTime();
      return Math.max(SHORTEST_MS, Math.min(wait, EVERY_MS));
    }
    const { failed, retrySeconds } = await look(due);
    const failures = failed ? due.failures + 1 : 0;
    const seconds = nextCheck({ everySeconds: due.everySeconds, failures, retrySeconds }, anySpread());
    const dueAt = seconds === null ? null : new Date(issuer.now().getTime() + Math.ceil(seconds * 1000));
    await database.transaction((em) => putBack(em, due, dueAt, failures));
    return 0;
  }

  async function keepOn(kind: CheckKind): Promise<void> {
    while (!stopping.signal.aborted) {
      const signal = AbortSignal.any([stopping.signal, waking.signal]);
      const wait = await once(kind).catch((error: unknown) => {
        if (!stopping.signal.aborted) log.warn({ err: error, kind }, 'nothing can be looked at just now');
        return EVERY_MS;
      });
      if (wait > 0) await pause(wait, undefined, { signal }).catch(() => {});
    }
  }

  const done = Promise.all([keepOn('git'), keepOn('images')]);
  return {
    async hurry(stack, kind) {
      await database.transaction((em) => makeDue(em, stack, kind, issuer.now()));
      const woken = waking;
      waking = new AbortController();
      woken.abort();
    },
    async stop() {
      stopping.abort();
      parts.origins.stop();
      await done;
    },
  };
}
