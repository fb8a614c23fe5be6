// A store that forgets everything when its process ends: for simulated agents, of which thousands share a process.
import type { DesiredStack } from '#subjects/schema/desired.ts';
import type { NodeEvent } from '#subjects/schema/node-event.ts';
import { isExpendable, KEPT_SHARE, lossEvent, SPOOL_LIMITS, type SpoolLimits } from '../outbox/spool-limits.ts';
import type { StackRecord } from '../stacks/model.ts';
import type { AgentStore, OpenAction, Spool, SpooledEvent } from './store.ts';

export function memorySpool(epoch: string, limits: Pick<SpoolLimits, 'events'> = SPOOL_LIMITS): Spool {
  let events: SpooledEvent[] = [];
  let last = 0;
  let isFull = false;

  function push(event: NodeEvent): void {
    last += 1;
    events.push({ sequence: last, event });
  }

  function shrink(cause: NodeEvent): void {
    const [inFlight, ...rest] = events;
    const excess = events.length - Math.floor(limits.events * KEPT_SHARE);
    const byWorth = [...rest.filter((e) => isExpendable(e.event)), ...rest.filter((e) => !isExpendable(e.event))];
    const dropped = new Set(byWorth.slice(0, excess).map(({ sequence }) => sequence));
    events = inFlight ? [inFlight, ...rest.filter(({ sequence }) => !dropped.has(sequence))] : [];
    if (dropped.size > 0) push(lossEvent(cause, [...dropped]));
  }

  return {
    epoch,
    append(...added) {
      for (const event of added) push(event);
      const newest = added.at(-1);
      if (newest === undefined || events.length <= limits.events) return;
      isFull = true;
      shrink(newest);
    },
    oldest: () => events[0] ?? null,
    release(sequence) {
      events = events.filter((spooled) => spooled.sequence !== sequence);
      if (events.length < limits.events / 2) isFull = false;
    },
    get count() {
      return events.length;
    },
    get isFull() {
      return isFull;
    },
  };
}

export function memoryStore(epoch: string): AgentStore {
  const records = new Map<string, StackRecord>();
  const goods = new Map<string, DesiredStack>();
  const actions = new Map<string, OpenAction>();
  const spool = memorySpool(epoch);
  let observed = 0;
  return {
    spool,
    audit: null,
    records: () => [...records.values()],
    goods: () => [...goods.values()],
    keep: (record) => void records.set(record.name, record),
    settle(record, event, good) {
      records.set(record.name, record);
      if (good === null) goods.delete(record.name);
      else if (good !== undefined) goods.set(record.name, good);
      if (event) spool.append(event);
    },
    openActions: () => [...actions.values()],
    beginAction: (action) => void actions.set(action.deployment, action),
    endAction(deployment, event) {
      actions.delete(deployment);
      spool.append(event);
    },
    observedGeneration: () => observed,
    keepObservedGeneration(generation) {
      observed = generation;
    },
    close() {},
  };
}
