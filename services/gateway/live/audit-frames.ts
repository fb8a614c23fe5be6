// Audit records as they come. Asked for again and again, so that a core that restarts or an audit service that is away
// costs time and nothing else: the place is the caller's.
import { setTimeout as pause } from 'node:timers/promises';
import type { Bus, InputOf } from '#infra/nats/bus.ts';
import type { Frame } from './sse.ts';

const WAIT_MS = 15_000;
const ANSWER_MS = 25_000;
const AWAY_MS = 1_000;

export type AuditFilter = Omit<InputOf<'followAudit'>, 'after' | 'waitMs'>;

export async function auditPlace(bus: Bus, filter: AuditFilter): Promise<number> {
  return (await bus.request('followAudit', {}, { ...filter, after: null, waitMs: 0 })).place;
}

export async function* auditFrames(
  bus: Bus,
  filter: AuditFilter,
  from: number,
  signal: AbortSignal,
): AsyncGenerator<Frame> {
  for (let after = from; !signal.aborted; ) {
    try {
      const ask = { ...filter, after, waitMs: WAIT_MS };
      const { items, place } = await bus.request('followAudit', {}, ask, { timeoutMs: ANSWER_MS });
      if (signal.aborted) return;
      for (const item of items) yield { id: String(item.sequence), data: JSON.stringify(item) };
      if (place > after && items.at(-1)?.sequence !== place) yield { id: String(place), data: null };
      after = place;
    } catch {
      await pause(AWAY_MS, undefined, { signal }).catch(() => {});
    }
  }
}
