// States of one subject on their way into the store: only the highest generation is written, by compare-and-set, and
// never over a higher one.
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from '#infra/logger.ts';
import type { Bus, StateName } from '#infra/nats/bus.ts';
import { OverseerError } from '#subjects/errors.ts';
import type { Outcome, OwedRow } from './relay-round.ts';

/** A read may come from a replica that lags behind; each try waits a little longer for it. */
const TRIES = 6;
const TRY_PAUSE_MS = 50;

async function put(bus: Bus, row: OwedRow, log: Logger): Promise<Outcome> {
  const name = row.message as StateName;
  const parameters = row.parameters as never;
  const generation = Number(row.generation);
  const payload = row.payload ?? Buffer.alloc(0);
  for (let tries = 1; ; tries++) {
    const stored = await bus.read(name, parameters);
    if (stored !== null && stored.generation !== null) {
      if (stored.generation > generation) return 'superseded';
      if (stored.generation === generation) {
        if (Buffer.compare(stored.payload, payload) === 0) return 'sent';
        log.warn({ lane: row.lane, generation }, 'the store holds another document of the same generation');
      }
    }
    try {
      await bus.put(name, parameters, payload, { expectedSequence: stored?.streamSequence ?? 0, generation });
      return 'sent';
    } catch (error) {
      const isConflict = error instanceof OverseerError && error.code === 'conflict';
      if (!isConflict || tries >= TRIES) throw error;
      await pause(TRY_PAUSE_MS * tries);
    }
  }
}

export async function putNewest(
  bus: Bus,
  rows: readonly OwedRow[],
  settle: (row: OwedRow, outcome: Outcome) => void,
  log: Logger,
): Promise<void> {
  const [newest, ...older] = rows.toSorted((a, b) => Number(b.generation) - Number(a.generation));
  if (newest === undefined) return;
  settle(newest, await put(bus, newest, log));
  for (const row of older) settle(row, 'superseded');
}
