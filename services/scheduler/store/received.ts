// Facts that were handled, so that one delivered twice counts once.
import { type Em, rows } from './rows.ts';

/** A day more than EVENTS keeps them. */
const KEPT_DAYS = 8;

/** @returns false when the fact was handled before */
export async function isFirstTime(em: Em, factId: string, now: Date): Promise<boolean> {
  const added = await rows(
    em,
    'insert into processed_facts (id, at) values (?, ?::timestamptz) on conflict do nothing returning id',
    [factId, now.toISOString()],
  );
  return added.length > 0;
}

export async function forgetFacts(em: Em, now: Date): Promise<void> {
  const before = new Date(now.getTime() - KEPT_DAYS * 24 * 3600 * 1000);
  await rows(em, 'delete from processed_facts where at < ?::timestamptz', [before.toISOString()]);
}
