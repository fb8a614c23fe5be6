// Liveness of all nodes in memory. Heartbeats come in, time passes; only changes are stored and published, in one
// transaction, and tried again until that succeeds.
import { newId } from '#infra/ids.ts';
import type { Logger } from '#infra/logger.ts';
import { heartbeats, nodesByLiveness } from '#infra/metrics.ts';
import type { Bus, Stoppable } from '#infra/nats/bus.ts';
import type { Database } from '#infra/postgres/orm.ts';
import { enqueue } from '#infra/postgres/outbox.ts';
import type { NodeFact } from '#subjects/schema/cloud-event.ts';
import type { Heartbeat, Liveness } from '#subjects/schema/node.ts';
import { type HeldClock, read, startClock } from './held-clock.ts';
import { newPulse, next, type Pulse, type PulseInput } from './liveness.ts';
import { coreFact } from './node-facts.ts';
import { type Live, nodeView } from './node-view.ts';
import type { NodeRow } from './store/entities.ts';
import { livingNodes, lockNodes } from './store/nodes.ts';

const TICK_MS = 1_000;
/** Changes of one transaction; a thousand nodes that come back together take a few. */
const BATCH = 200;

interface Watched {
  pulse: Pulse;
  live: Live;
  /** Liveness as PostgreSQL has it. */
  stored: Liveness;
}

export interface LivenessWatch extends Stoppable {
  /** A node that was just registered, or one whose interval was changed. */
  add(row: NodeRow): void;
  remove(node: string): void;
  live(node: string): Live | null;
  counts(): Record<string, number>;
}

interface Parts {
  readonly bus: Bus;
  readonly database: Database;
  readonly log: Logger;
  now(): Date;
  /** Milliseconds of a clock that nobody sets. */
  monotonic(): number;
}

function liveOf(row: NodeRow): Live {
  return {
    liveness: row.liveness,
    livenessSince: row.livenessSince ?? null,
    lastSeenAt: row.lastSeenAt ?? null,
    agentVersion: null,
    bootId: null,
    clockOffsetMs: null,
    observedGeneration: null,
  };
}

export async function watchLiveness({ bus, database, log, now, monotonic }: Parts): Promise<LivenessWatch> {
  const nodes = new Map<string, Watched>();
  let clock: HeldClock = startClock(monotonic());
  let isHeld = !bus.isConnected;
  let saving: Promise<void> | null = null;
  let isStopping = false;
  /** Then the next try waits for the next tick: heartbeats must not hammer a database that is away. */
  let isFailing = false;

  function step(watched: Watched, input: PulseInput): void {
    watched.pulse = next(watched.pulse, input);
    const { liveness } = watched.pulse;
    if (liveness !== watched.live.liveness) watched.live = { ...watched.live, liveness, livenessSince: now() };
  }

  function add(row: NodeRow): void {
    if (nodes.has(row.id)) return;
    const watched = {
      pulse: newPulse(row.liveness, row.heartbeatSeconds * 1000),
      live: liveOf(row),
      stored: row.liveness,
    };
    step(watched, { type: 'grace', at: clock.now });
    nodes.set(row.id, watched);
  }

  /** Nodes whose stored liveness is behind. */
  const behind = () => [...nodes].filter(([, { live, stored }]) => live.liveness !== stored).map(([id]) => id);

  async function saveBatch(ids: readonly string[]): Promise<void> {
    const saved = await database.transaction(async (em) => {
      const changed: [Watched, Liveness][] = [];
      const rows = await lockNodes(em, ids);
      const there = new Set(rows.map(({ id }) => id));
      for (const id of ids) if (!there.has(id)) nodes.delete(id);
      for (const row of rows) {
        const watched = nodes.get(row.id);
        if (!watched) continue;
        const { liveness, livenessSince, lastSeenAt } = watched.live;
        Object.assign(row, { liveness, livenessSince, lastSeenAt });
        changed.push([watched, liveness]);
        if (liveness === 'pending') continue;
        const told = coreFact(nodeView(row, watched.live), liveness satisfies NodeFact, { id: newId(), at: now() });
        const parameters = { node: row.id, fact: told.fact };
        await enqueue(em, { service: 'registry', message: 'nodeFact', parameters, body: told.event });
      }
      return changed;
    });
    for (const [watched, liveness] of saved) watched.stored = liveness;
  }

  async function saveAll(): Promise<void> {
    for (let ids = behind(); ids.length > 0 && !isStopping; ids = behind()) {
      await saveBatch(ids.slice(0, BATCH));
    }
  }

  function save(): void {
    saving ??= saveAll()
      .then(() => {
        isFailing = false;
      })
      .catch((error: unknown) => {
        if (!isFailing) log.warn({ err: error }, 'changes of liveness are stored later');
        isFailing = true;
      })
      .finally(() => {
        saving = null;
      });
  }

  function tick(): void {
    clock = read(clock, monotonic(), bus.isConnected && !isHeld);
    if (isHeld && bus.isConnected) {
      isHeld = false;
      for (const watched of nodes.values()) step(watched, { type: 'grace', at: clock.now });
    }
    isHeld ||= !bus.isConnected;
    for (const watched of nodes.values()) step(watched, { type: 'tick', at: clock.now });
    for (const [liveness, count] of Object.entries(counts())) nodesByLiveness.set({ liveness }, count);
    if (behind().length > 0) save();
  }

  function hear(node: string, heartbeat: Heartbeat): void {
    heartbeats.inc();
    const watched = nodes.get(node);
    if (!watched) return;
    const { bootId, sequence, intervalSeconds, agentVersion, at, observedGeneration } = heartbeat;
    const before = watched.pulse;
    step(watched, { type: 'heartbeat', at: clock.now, intervalMs: intervalSeconds * 1000, bootId, sequence });
    if (watched.pulse === before) return;
    const lastSeenAt = now();
    const clockOffsetMs = Date.parse(at) - lastSeenAt.getTime();
    watched.live = { ...watched.live, lastSeenAt, agentVersion, bootId, clockOffsetMs, observedGeneration };
    if (watched.live.liveness !== watched.stored && !isFailing) save();
  }

  function counts(): Record<Liveness, number> {
    const result = { pending: 0, online: 0, suspect: 0, offline: 0 };
    for (const { live } of nodes.values()) result[live.liveness] += 1;
    return result;
  }

  for (const row of await database.read(livingNodes)) add(row);
  const listening = bus.listen('heartbeat', (heartbeat, { node }) => hear(node, heartbeat));
  bus.onStatus(({ type }) => {
    if (type === 'disconnected') isHeld = true;
  });
  const timer = setInterval(tick, TICK_MS);

  return {
    add,
    remove: (node) => void nodes.delete(node),
    live: (node) => nodes.get(node)?.live ?? null,
    counts,
    async stop() {
      isStopping = true;
      clearInterval(timer);
      await listening.stop();
      await saving;
    },
  };
}
