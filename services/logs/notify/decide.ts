// From events to messages that are owed: each event once, one after the other, each in one transaction with all that
// follows from it.
import type { EntityManager } from '#infra/postgres/orm.ts';
import type { CloudEvent } from '#subjects/schema/cloud-event.ts';
import { lookedAt, newAlarm, type Step, turned } from './alarm.ts';
import { rulesFor, thresholdsOf, wants } from './choice.ts';
import type { NotifyParts } from './parts.ts';
import { queues } from './queues.ts';
import { type Loss, lossSignals, type Signal, signalsOf } from './signals.ts';
import * as store from './store/alarms.ts';
import { addDelivery } from './store/deliveries.ts';
import { findTarget, type Target, targets } from './store/targets.ts';
import { messageOf } from './words.ts';

/** What the core heard before there was the target, by more than clocks may differ, is not for it: it is no news. */
const OLDER_MS = 5 * 60_000;

async function keep(parts: NotifyParts, em: EntityManager, target: Target, signal: Signal, step: Step): Promise<void> {
  const now = parts.now();
  const { alarm, saying } = step;
  await store.saveAlarm(em, { notification: target.name, alarm, signal }, now);
  if (saying === null) return;
  const { publicUrl } = parts;
  const nodeName = signal.node === null ? null : await store.nameOfNode(em, signal.node);
  const message = messageOf({ signal, saying, nodeName, publicUrl, at: now.getTime() });
  await addDelivery(em, { id: parts.newId(), notification: target.name, message }, now);
}

/**
 * A node's clock is anything: what is waited for and what came first is by when the core heard of it. How close to each
 * other things happened the node knows best, within what it can have seen by then.
 */
async function apply(parts: NotifyParts, em: EntityManager, target: Target, signal: Signal, at: number): Promise<void> {
  const { turn, condition, key } = signal;
  if (turn === 'gone' || !wants(target.choice, signal) || at < target.createdAt.getTime() - OLDER_MS) return;
  // Also of what was never bad: a turn for the worse from before it may still be delivered again.
  const known = (await store.findAlarm(em, target.name, key)) ?? newAlarm(at);
  const rules = rulesFor(condition, thresholdsOf(target.thresholds));
  const times = { at, happenedAt: Math.min(signal.at, at) };
  await keep(parts, em, target, { ...signal, at }, turned(known, turn, times, rules));
}

/** The registry knows each node's name; most events know its id alone. */
async function lookUpName(parts: NotifyParts, { node, nodeName }: Signal): Promise<string | null> {
  if (node === null || nodeName !== null) return nodeName;
  const known = await parts.database.read((em) => store.nameOfNode(em, node));
  if (known !== null) return null;
  const found = await parts.bus.request('getNode', {}, { id: node }).catch(() => null);
  return found?.name ?? null;
}

/** Of one event. */
type Signals = readonly [Signal, ...Signal[]];

async function concerns(parts: NotifyParts, signals: Signals): Promise<boolean> {
  const all = await parts.database.read(targets);
  // Losses of lines come in numbers: what nobody wants to hear of costs one question.
  return all.some(({ choice }) => signals.some((signal) => signal.turn === 'gone' || wants(choice, signal)));
}

async function decide(parts: NotifyParts, signals: Signals, name: string | null, at: number): Promise<void> {
  const [{ node, turn, event }] = signals;
  await parts.database.transaction(async (em) => {
    await store.lockDecisions(em);
    if (!(await store.isFirstDecision(em, event, parts.now()))) return;
    if (node !== null && turn === 'gone') return store.forgetNode(em, node);
    if (node !== null && name !== null) await store.keepName(em, node, name);
    for (const target of await targets(em)) {
      for (const signal of signals) await apply(parts, em, target, signal, at);
    }
  });
}

async function lookAtOne(parts: NotifyParts, due: store.DueAlarm): Promise<void> {
  await parts.database.transaction(async (em) => {
    await store.lockDecisions(em);
    const stored = await store.dueAlarm(em, due, parts.now());
    const target = await findTarget(em, due.notification);
    if (stored === null || target === null) return;
    const { alarm, signal } = stored;
    if (!wants(target.choice, signal)) return store.forgetAlarms(em, target.name, [due.key]);
    const rules = rulesFor(signal.condition, thresholdsOf(target.thresholds));
    await keep(parts, em, target, signal, lookedAt(alarm, parts.now().getTime(), rules));
  });
}

/** Each by itself: one that can't be told holds up no other. */
async function lookAtDue(parts: NotifyParts): Promise<void> {
  const { database, log, now } = parts;
  for (const due of await database.read((em) => store.dueAlarms(em, now()))) {
    try {
      await lookAtOne(parts, due);
    } catch (error) {
      log.warn({ err: error, ...due }, 'an alarm could not be told and is looked at later');
      await database.transaction((em) => store.putOff(em, due, now()));
    }
  }
}

export interface Decider {
  /** In the order of the calls, as far as they are of one node. @param heardAt ms, when the core had it, by our clock */
  take(event: CloudEvent, heardAt: number): Promise<void>;
  /** Of log lines of one node. */
  lost(node: string, losses: readonly Loss[]): Promise<void>;
  /** What has lasted long enough by now. */
  look(): Promise<void>;
}

/** @param owed called when messages may have become owed */
export function decider(parts: NotifyParts, owed: () => void): Decider {
  const inTurn = queues();
  /** Facts of one node have several subjects, which come side by side: removed must not overtake offline. */
  const ofNode = queues();
  const hear = (signals: Signals, at: number) =>
    ofNode(signals[0].node ?? '', async () => {
      if (!(await concerns(parts, signals))) return;
      // Before its turn: a registry that is slow to name one node holds up no other.
      const name = await lookUpName(parts, signals[0]);
      await inTurn('', () => decide(parts, signals, name, at));
      owed();
    });
  return {
    async take(event, heardAt) {
      const [first, ...others] = signalsOf(event);
      if (first) await hear([first, ...others], heardAt);
    },
    async lost(node, losses) {
      const at = parts.now().getTime();
      for (const signal of lossSignals(node, losses, at)) await hear([signal], at);
    },
    look: () => inTurn('', () => lookAtDue(parts)).then(owed),
  };
}
