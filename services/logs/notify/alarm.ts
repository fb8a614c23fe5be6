// Pure. When a condition is worth a message. A turn for the worse is told when it has lasted; what turns to and fro is told
// once, as flapping, and once more when it rests; the same alert does not come again within its quiet time. Every turn for
// the worse is told or counted: `untold` is said by the next message.

export interface Rules {
  /** How long it must last; null: it is never told by itself, only how often it turns. */
  readonly afterMs: number | null;
  readonly flaps: { readonly count: number; readonly withinMs: number };
  readonly steadyMs: number;
  readonly quietMs: number;
}

export interface Alarm {
  readonly standing: 'better' | 'worse';
  /** Of the last turn. */
  readonly since: number;
  /** What was said last. */
  readonly told: 'better' | 'worse' | 'flapping';
  /** Times of turns for the worse that may still count as flapping, oldest first. */
  readonly turns: readonly number[];
  /** Turns for the worse since the last message. */
  readonly untold: number;
  /** When an alert was said last. */
  readonly alertedAt: number | null;
  /** When it must be looked at. */
  readonly dueAt: number | null;
}

export interface Saying {
  readonly what: 'worse' | 'better' | 'flapping' | 'steady' | 'once';
  /** Turns for the worse that it covers, its own among them. */
  readonly count: number;
  /** For `steady`: how it stands now. */
  readonly standing: 'better' | 'worse';
}

export interface Step {
  readonly alarm: Alarm;
  readonly saying: Saying | null;
}

export function newAlarm(at: number): Alarm {
  return { standing: 'better', since: at, told: 'better', turns: [], untold: 0, alertedAt: null, dueAt: null };
}

const silent = (alarm: Alarm): Step => ({ alarm, saying: null });

function said(alarm: Alarm, what: Saying['what'], changes: Partial<Alarm>): Step {
  const { untold: count, standing } = alarm;
  return { alarm: { ...alarm, ...changes, untold: 0 }, saying: { what, count, standing } };
}

/** A time after which nothing of the quiet time is left. */
function free(alarm: Alarm, at: number, { quietMs }: Rules): number {
  return alarm.alertedAt === null ? at : Math.max(at, alarm.alertedAt + quietMs);
}

function worse(before: Alarm, at: number, rules: Rules): Step {
  const { afterMs, flaps, steadyMs } = rules;
  const isLate = at < before.since;
  // Told twice, as for a node that starts anew while it is away. A death is one more death each time.
  if (before.standing === 'worse' && afterMs !== null && !isLate) return silent(before);
  const turns = [...before.turns.filter((turn) => turn > at - flaps.withinMs), at].slice(-flaps.count);
  const place = isLate ? {} : ({ standing: 'worse', since: at } as const);
  const alarm: Alarm = { ...before, ...place, turns, untold: before.untold + 1 };
  if (alarm.told === 'flapping') return silent({ ...alarm, dueAt: alarm.since + steadyMs });
  if (turns.length >= flaps.count) {
    return said(alarm, 'flapping', { told: 'flapping', alertedAt: at, dueAt: alarm.since + steadyMs });
  }
  if (isLate || afterMs === null) return silent(alarm);
  return silent({ ...alarm, dueAt: free(alarm, at + afterMs, rules) });
}

function better(before: Alarm, at: number, { steadyMs }: Rules): Step {
  if (before.standing === 'better' || at < before.since) return silent(before);
  const alarm: Alarm = { ...before, standing: 'better', since: at, dueAt: null };
  if (alarm.told === 'flapping') return silent({ ...alarm, dueAt: at + steadyMs });
  return alarm.told === 'worse' ? said(alarm, 'better', { told: 'better' }) : silent(alarm);
}

function once(before: Alarm, at: number, rules: Rules): Step {
  const alarm: Alarm = { ...before, since: at, untold: before.untold + 1 };
  const from = free(alarm, at, rules);
  return from <= at ? said(alarm, 'once', { alertedAt: at, dueAt: null }) : silent({ ...alarm, dueAt: from });
}

export function turned(alarm: Alarm, turn: 'worse' | 'better' | 'once', at: number, rules: Rules): Step {
  return { worse, better, once }[turn](alarm, at, rules);
}

/** At its time. */
export function lookedAt(alarm: Alarm, now: number, { afterMs }: Rules): Step {
  if (alarm.dueAt === null || now < alarm.dueAt) return silent(alarm);
  const due: Alarm = { ...alarm, dueAt: null };
  if (due.told === 'flapping') {
    const told = afterMs === null ? 'better' : due.standing;
    return said(due, 'steady', { told, turns: [], ...(told === 'worse' ? { alertedAt: now } : {}) });
  }
  if (due.standing === 'worse' && due.told === 'better' && afterMs !== null) {
    return said(due, 'worse', { told: 'worse', alertedAt: now });
  }
  return due.standing === 'better' && due.untold > 0 ? said(due, 'once', { alertedAt: now }) : silent(due);
}
