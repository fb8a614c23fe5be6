// From events to messages that are owed: each event once, one after the other, each in one transaction with all that
// follows from it.
import type { EntityManager } from '#infra/postgres/orm.ts';
import type { CloudEvent } from '#subjects/schema/cloud-event.ts';
import { lookedAt, newAlarm, type Step, turned } from './alarm.ts';
import { rulesFor, thresholdsOf, wants } from './choice.ts';
import type { NotifyParts } from './parts.ts';
import { type Loss, lossSignals, type Signal, signalsOf } from './signals.ts';
import * as store from './store/alarms.ts';
import { addDelivery } from './store/deliveries.ts';
import { findTarget, type Target, targets } from './store/targets.ts';
import { messageOf } from './words.ts';

/** What is older than a target by more than clocks may differ is not for it: it is no news. */
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

async function apply(parts: NotifyParts, em: EntityManager, target: Target, signal: Signal): Promise<void> {
  const { turn, condition, key, at } = signal;
  if (turn === 'gone' || !wants(target.choice, signal) || at < target.createdAt.getTime() - OLDER_MS) return;
  const known = await store.findAlarm(em, target.name, key);
  // Most containers come up well, over and over: nothing is kept of what was never bad.
  if (known === null && turn === 'better') return;
  const rules = rulesFor(condition, thresholdsOf(target.thresholds));
  await keep(parts, em, target, signal, turned(known ?? newAlarm(at), turn, at, rules));
}

/** The registry knows each node's name; most events know its id alone. */
async function lookUpName(parts: NotifyParts, { node, nodeName }: Signal): Promise<string | null> {
  if (node === null || nodeName !== null) return nodeName;
  const known = await parts.database.read((em) => store.nameOfNode(em, node));
  if (known !== null) return null;
  const found = await parts.bus.request('getNode', {}, { id: node }).catch(() => null);
  return found?.name ?? null;
}

/** All of one event. */
async function decide(parts: NotifyParts, signals: readonly [Signal, ...Signal[]]): Promise<void> {
  const [{ node, turn, event }] = signals;
  const all = await parts.database.read(targets);
  // Losses of lines come in numbers: what nobody wants to hear of costs one question.
  if (!all.some(({ choice }) => signals.some((signal) => signal.turn === 'gone' || wants(choice, signal)))) return;
  const name = await lookUpName(parts, signals[0]);
  await parts.database.transaction(async (em) => {
    await store.lockDecisions(em);
    if (!(await store.isFirstDecision(em, event, parts.now()))) return;
    if (node !== null && turn === 'gone') return store.forgetNode(em, node);
    if (node !== null && name !== null) await store.keepName(em, node, name);
    for (const target of await targets(em)) {
      for (const signal of signals) await apply(parts, em, target, signal);
    }
  });
}

async function lookAtDue(parts: NotifyParts): Promise<void> {
  await parts.database.transaction(async (em) => {
    await store.lockDecisions(em);
    for (const { notification, alarm, signal } of await store.dueAlarms(em, parts.now())) {
      const target = await findTarget(em, notification);
      if (target === null) continue;
      const rules = rulesFor(signal.condition, thresholdsOf(target.thresholds));
      await keep(parts, em, target, signal, lookedAt(alarm, parts.now().getTime(), rules));
    }
  });
}

export interface Decider {
  /** In the order of the calls. */
  take(event: CloudEvent): Promise<void>;
  /** Of log lines of one node. */
  lost(node: string, losses: readonly Loss[]): Promise<void>;
  /** What has lasted long enough by now. */
  look(): Promise<void>;
}

/** @param owed called when messages may have become owed */
export function decider(parts: NotifyParts, owed: () => void): Decider {
  // Facts of one node have several subjects, which come side by side: offline must not overtake online.
  let last: Promise<void> = Promise.resolve();
  const inTurn = (work: () => Promise<void>): Promise<void> => {
    const turn = last.then(work);
    last = turn.catch(() => {});
    return turn.then(owed);
  };
  return {
    async take(event) {
      const [first, ...others] = signalsOf(event);
      if (first) await inTurn(() => decide(parts, [first, ...others]));
    },
    async lost(node, losses) {
      for (const signal of lossSignals(node, losses, parts.now().getTime())) {
        await inTurn(() => decide(parts, [signal]));
      }
    },
    look: () => inTurn(() => lookAtDue(parts)),
  };
}
