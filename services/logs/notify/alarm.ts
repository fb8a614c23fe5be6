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

/** `ended`: what was bad is no more, which makes nothing good. */
export type Standing = 'better' | 'worse' | 'ended';

export interface Alarm {
  readonly standing: Standing;
  /** Of the last turn. */
  readonly since: number;
  /** Of the last that was heard, also when it turned nothing: what is older has been overtaken. */
  readonly lastAt: number;
  /** What was said last. */
  readonly told: Standing | 'flapping';
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
  readonly what: Standing | 'flapping' | 'steady' | 'once';
  /** Turns for the worse that it covers, its own among them. */
  readonly count: number;
  /** For `steady`: how it stands now. */
  readonly standing: Standing;
}

export interface Step {
  readonly alarm: Alarm;
  readonly saying: Saying | null;
}

export function newAlarm(at: number): Alarm {
  const none = { turns: [], untold: 0, alertedAt: null, dueAt: null };
  return { standing: 'better', since: at, lastAt: at, told: 'better', ...none };
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

function worse(before: Alarm, { at, happenedAt }: Times, rules: Rules): Step {
  const { afterMs, flaps, steadyMs } = rules;
  const isLate = at < before.lastAt;
  // Told twice, as for a node that starts anew while it is away. A death is one more death each time.
  if (before.standing === 'worse' && afterMs !== null && !isLate) return silent({ ...before, lastAt: at });
  const recent = before.turns.filter((turn) => turn > happenedAt - flaps.withinMs);
  const turns = [...recent, happenedAt].slice(-flaps.count);
  const place = isLate ? {} : ({ standing: 'worse', since: at, lastAt: at } as const);
  const alarm: Alarm = { ...before, ...place, turns, untold: before.untold + 1 };
  if (alarm.told === 'flapping') return silent({ ...alarm, dueAt: alarm.since + steadyMs });
  if (turns.length >= flaps.count) {
    return said(alarm, 'flapping', { told: 'flapping', alertedAt: at, dueAt: alarm.since + steadyMs });
  }
  if (isLate || afterMs === null) return silent(alarm);
  return silent({ ...alarm, dueAt: free(alarm, at + afterMs, rules) });
}

function rested(before: Alarm, standing: 'better' | 'ended', at: number, { steadyMs }: Rules): Step {
  if (at < before.lastAt) return silent(before);
  // What was said to be well has nothing to end, and what is heard twice is one turn.
  const isWell = before.standing === 'better' && before.told !== 'flapping';
  if (before.standing === standing || (isWell && standing === 'ended')) return silent({ ...before, lastAt: at });
  const alarm: Alarm = { ...before, standing, since: at, lastAt: at, dueAt: null };
  if (alarm.told === 'flapping') return silent({ ...alarm, dueAt: at + steadyMs });
  const isSaid = alarm.told === standing || alarm.told === 'better';
  return isSaid ? silent(alarm) : said(alarm, standing, { told: standing });
}

function once(before: Alarm, at: number, rules: Rules): Step {
  const alarm: Alarm = { ...before, since: at, lastAt: at, untold: before.untold + 1 };
  const from = free(alarm, at, rules);
  return from <= at ? said(alarm, 'once', { alertedAt: at, dueAt: null }) : silent({ ...alarm, dueAt: from });
}

/** `at` orders and is waited from; `happenedAt`, no later, tells how close to each other turns came. */
export interface Times {
  readonly at: number;
  readonly happenedAt: number;
}

export function turned(alarm: Alarm, turn: Standing | 'once', times: Times, rules: Rules): Step {
  if (turn === 'worse') return worse(alarm, times, rules);
  return turn === 'once' ? once(alarm, times.at, rules) : rested(alarm, turn, times.at, rules);
}

/** At its time. */
export function lookedAt(alarm: Alarm, now: number, { afterMs }: Rules): Step {
  if (alarm.dueAt === null || now < alarm.dueAt) return silent(alarm);
  const due: Alarm = { ...alarm, dueAt: null };
  if (due.told === 'flapping') {
    const told = due.standing;
    return said(due, 'steady', { told, turns: [], ...(told === 'worse' ? { alertedAt: now } : {}) });
  }
  if (due.standing === 'worse' && due.told !== 'worse' && afterMs !== null) {
    return said(due, 'worse', { told: 'worse', alertedAt: now });
  }
  return due.standing !== 'worse' && due.untold > 0 ? said(due, 'once', { alertedAt: now }) : silent(due);
}
