// Pure. Whether a target wants to hear of a signal, and its thresholds with what it leaves out filled in.
import type { Condition, NotificationChoice, NotificationThresholds, Severity } from '#subjects/schema/notification.ts';
import type { Rules } from './alarm.ts';
import { type Signal, severityOf } from './signals.ts';

const RANK: Readonly<Record<Severity, number>> = { info: 0, warning: 1, error: 2 };

export function wants(choice: NotificationChoice, { condition, node, stack }: Signal): boolean {
  const { conditions, nodes, stacks, minimumSeverity = 'warning' } = choice;
  if (conditions !== undefined && !conditions.includes(condition)) return false;
  if (nodes !== undefined && (node === null || !nodes.includes(node))) return false;
  if (stacks !== undefined && (stack === null || !stacks.includes(stack))) return false;
  return RANK[severityOf(condition)] >= RANK[minimumSeverity];
}

export type Thresholds = { readonly [K in keyof NotificationThresholds]-?: NonNullable<NotificationThresholds[K]> };

const DEFAULTS: Thresholds = {
  offlineSeconds: 90,
  unhealthySeconds: 60,
  restarts: { count: 5, withinSeconds: 600 },
  flaps: { count: 4, withinSeconds: 600 },
  steadySeconds: 600,
  quietSeconds: 600,
};

export function thresholdsOf(given: NotificationThresholds): Thresholds {
  return {
    offlineSeconds: given.offlineSeconds ?? DEFAULTS.offlineSeconds,
    unhealthySeconds: given.unhealthySeconds ?? DEFAULTS.unhealthySeconds,
    restarts: given.restarts ?? DEFAULTS.restarts,
    flaps: given.flaps ?? DEFAULTS.flaps,
    steadySeconds: given.steadySeconds ?? DEFAULTS.steadySeconds,
    quietSeconds: given.quietSeconds ?? DEFAULTS.quietSeconds,
  };
}

export function rulesFor(condition: Condition, thresholds: Thresholds): Rules {
  const { offlineSeconds, unhealthySeconds, restarts, flaps, steadySeconds, quietSeconds } = thresholds;
  const often = condition === 'container-restarting' ? restarts : flaps;
  const afterSeconds = condition === 'node-offline' ? offlineSeconds : unhealthySeconds;
  return {
    afterMs: condition === 'container-restarting' ? null : afterSeconds * 1000,
    flaps: { count: often.count, withinMs: often.withinSeconds * 1000 },
    steadyMs: steadySeconds * 1000,
    quietMs: quietSeconds * 1000,
  };
}
