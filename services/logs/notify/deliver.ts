// Sends what is owed. Each target has a lane of its own, so that one that hangs holds up no other; what was not taken comes
// again later, after a restart too.
import { setTimeout as pause } from 'node:timers/promises';
import type { Stoppable } from '#infra/nats/bus.ts';
import { isTargetAway, nextTry } from './back-off.ts';
import type { NotifyParts } from './parts.ts';
import { type Sent, send } from './send.ts';
import { claim, type OwedMessage, putOff, settle, targetsWithDue } from './store/deliveries.ts';
import { findTarget } from './store/targets.ts';

const POLL_MS = 1_000;
/** To one target at a time: a slow one gets no flood when it is back. */
const LANE = 4;
/** So long at most all that a target that is away is owed waits for one failure. */
const OTHERS_WAIT_MS = 60_000;

export interface Deliverer extends Stoppable {
  /** Something may be due. */
  wake(): void;
}

async function tried(
  parts: NotifyParts,
  { id, notification, message }: OwedMessage,
  signal: AbortSignal,
): Promise<Sent> {
  const target = await parts.database.read((em) => findTarget(em, notification));
  if (target === null) return { status: null, error: 'the target is gone', retryAfter: null };
  try {
    const address = await parts.vault.open(target.sealed);
    return await send(target.kind, address, { id, message, now: parts.now() }, signal);
  } catch (error) {
    return { status: null, error: error instanceof Error ? error.message : 'it failed', retryAfter: null };
  }
}

async function deliver(parts: NotifyParts, owed: OwedMessage, signal: AbortSignal): Promise<void> {
  const { database, log } = parts;
  const sent = await tried(parts, owed, signal);
  // It was us who ended it: the next start tries again.
  if (sent.error !== null && signal.aborted) return;
  const now = parts.now();
  const attempts = owed.attempts + 1;
  const firstAt = (owed.firstTryAt ?? now).getTime();
  const again = { attempts, firstAt, now: now.getTime(), spread: Math.random() };
  const next = sent.error === null ? null : nextTry({ ...again, retryAfter: sent.retryAfter, status: sent.status });
  if (sent.error !== null) {
    const { notification, id } = owed;
    log.warn(
      { notification, delivery: id, attempts, status: sent.status, reason: sent.error },
      'a message was not taken',
    );
  }
  const nextTryAt = next === null ? null : new Date(next);
  await database.transaction(async (em) => {
    await settle(em, owed, sent, { now, nextTryAt });
    if (sent.error === null || next === null || !isTargetAway(sent.status)) return;
    await putOff(em, owed.notification, new Date(Math.min(next, now.getTime() + OTHERS_WAIT_MS)));
  });
}

export function startDeliveries(parts: NotifyParts): Deliverer {
  const { database, log } = parts;
  const stopping = new AbortController();
  const { signal } = stopping;
  const lanes = new Map<string, Set<Promise<void>>>();
  let wake: () => void = () => {};
  let isWoken = false;

  function put(lane: Set<Promise<void>>, owed: OwedMessage): void {
    const work = deliver(parts, owed, signal)
      // Its lease ends, and it is due again.
      .catch((error: unknown) => log.warn({ err: error, delivery: owed.id }, 'what became of a message was not kept'))
      .finally(() => {
        lane.delete(work);
        deliverer.wake();
      });
    lane.add(work);
  }

  async function round(): Promise<void> {
    for (const name of await database.read((em) => targetsWithDue(em, parts.now()))) {
      const lane = lanes.get(name) ?? new Set();
      lanes.set(name, lane);
      const room = LANE - lane.size;
      if (room <= 0 || signal.aborted) continue;
      for (const owed of await database.transaction((em) => claim(em, name, room, parts.now()))) put(lane, owed);
    }
    for (const [name, lane] of lanes) if (lane.size === 0) lanes.delete(name);
  }

  async function keepOn(): Promise<void> {
    while (!signal.aborted) {
      isWoken = false;
      await round().catch((error: unknown) => log.warn({ err: error }, 'messages that are owed could not be read'));
      if (isWoken) continue;
      const waiting = new AbortController();
      wake = () => waiting.abort();
      await pause(POLL_MS, undefined, { signal: AbortSignal.any([waiting.signal, signal]) }).catch(() => {});
    }
  }

  const deliverer: Deliverer = {
    wake() {
      isWoken = true;
      wake();
    },
    async stop() {
      stopping.abort();
      await finished;
      await Promise.all([...lanes.values()].flatMap((lane) => [...lane]));
    },
  };
  const finished = keepOn();
  return deliverer;
}
