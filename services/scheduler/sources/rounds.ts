// Looks at sources and images when they are due: some stacks at a time for each kind, whichever scheduler takes them, so
// that hosts that hang hold up few. A hook makes one due at once, before all others.
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
/** Each is a process or some connections; hosts that hang take a minute or more. */
const AT_ONCE = 4;
/** Beside those, for what somebody asked for alone: else hosts that hang would hold up hooks as well. */
const ASKED_AT_ONCE = 2;
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

  function wake(): void {
    const woken = waking;
    waking = new AbortController();
    woken.abort();
  }

  /** One that is not put back is taken up again when it is held no longer. */
  async function lookAt(due: DueCheck): Promise<void> {
    const { failed } = await look(due);
    const failures = failed ? due.failures + 1 : 0;
    const seconds = nextCheck({ everySeconds: due.everySeconds, failures }, anySpread());
    const dueAt = seconds === null ? null : new Date(issuer.now().getTime() + Math.ceil(seconds * 1000));
    await database
      .transaction((em) => putBack(em, due, dueAt, failures))
      .catch((error: unknown) => {
        if (!stopping.signal.aborted) log.warn({ err: error, stack: due.stack }, 'a look could not be noted');
      });
  }

  type Looks = Map<string, Promise<void>>;

  /** @returns milliseconds until there is anything to do, as far as is known; the end of a look wakes as well */
  async function once(kind: CheckKind, looks: Looks): Promise<number> {
    if (looks.size >= AT_ONCE + ASKED_AT_ONCE) return EVERY_MS;
    const now = issuer.now();
    const taking = { kind, except: [...looks.keys()], onlyAsked: looks.size >= AT_ONCE };
    const due = await database.transaction(async (em) => {
      if (kind === 'git') await followStacks(em, now);
      return takeDue(em, taking, now, new Date(now.getTime() + HOLD_MS));
    });
    if (due !== null) {
      const done = lookAt(due).finally(() => {
        looks.delete(due.stack);
        wake();
      });
      looks.set(due.stack, done);
      return 0;
    }
    const next = taking.onlyAsked ? null : await database.read((em) => nextDue(em, taking));
    const wait = next === null ? EVERY_MS : next.getTime() - issuer.now().getTime();
    return Math.max(SHORTEST_MS, Math.min(wait, EVERY_MS));
  }

  async function keepOn(kind: CheckKind): Promise<void> {
    const looks: Looks = new Map();
    while (!stopping.signal.aborted) {
      const signal = AbortSignal.any([stopping.signal, waking.signal]);
      const wait = await once(kind, looks).catch((error: unknown) => {
        if (!stopping.signal.aborted) log.warn({ err: error, kind }, 'nothing can be looked at just now');
        return EVERY_MS;
      });
      if (wait > 0) await pause(wait, undefined, { signal }).catch(() => {});
    }
    await Promise.all(looks.values());
  }

  const done = Promise.all([keepOn('git'), keepOn('images')]);
  return {
    async hurry(stack, kind) {
      await database.transaction((em) => makeDue(em, stack, kind, issuer.now()));
      wake();
    },
    async stop() {
      stopping.abort();
      parts.origins.stop();
      await done;
    },
  };
}
