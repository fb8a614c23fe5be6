// Which stack's git source or images are to be looked at next, shared by all schedulers.
import { type Em, rows } from './rows.ts';

export type CheckKind = 'git' | 'images';

export interface DueCheck {
  readonly stack: string;
  readonly kind: CheckKind;
  /** 0: only when asked. */
  readonly everySeconds: number;
  /** In a row, so far. */
  readonly failures: number;
  /** Until then nobody else takes it. */
  readonly heldUntil: Date;
}

/** What stacks want, as settings say it. Intervals are spread by a tenth so that stacks do not ask in step. */
const WANTED = `
  select name as stack, 'git' as kind, coalesce((settings->'source'->>'everySeconds')::integer, 300) as every_seconds
    from stacks where removed_at is null and jsonb_typeof(settings->'source') = 'object'
  union all
  select name, 'images', coalesce((settings->'images'->>'everySeconds')::integer, 3600)
    from stacks where removed_at is null and settings->'images'->>'policy' in ('notify', 'deploy')`;

/** Rows follow the stacks: new ones, ones with another interval, ones that are gone. */
export async function followStacks(em: Em, now: Date): Promise<void> {
  await rows(
    em,
    `insert into source_checks (stack, kind, every_seconds, due_at)
     select stack, kind, every_seconds,
       case when every_seconds > 0 then ?::timestamptz + every_seconds * (1 + random() / 10) * interval '1 second' end
     from (${WANTED}) wanted
     on conflict (stack, kind) do update set every_seconds = excluded.every_seconds, due_at = excluded.due_at
       where source_checks.every_seconds <> excluded.every_seconds`,
    [now.toISOString()],
  );
  await rows(em, `delete from source_checks where (stack, kind) not in (select stack, kind from (${WANTED}) wanted)`);
}

/** The one that waits longest, held for the caller alone; null when none is due. */
export async function takeDue(em: Em, kind: CheckKind, now: Date, heldUntil: Date): Promise<DueCheck | null> {
  const [row] = await rows<{ stack: string; everySeconds: number; failures: number }>(
    em,
    `update source_checks set due_at = ?::timestamptz
     where (stack, kind) = (
       select stack, kind from source_checks where kind = ? and due_at <= ?::timestamptz
       order by due_at limit 1 for update skip locked)
     returning stack, every_seconds as "everySeconds", failures`,
    [heldUntil.toISOString(), kind, now.toISOString()],
  );
  return row ? { ...row, kind, heldUntil } : null;
}

/** When the next one is due; null when none is. */
export async function nextDue(em: Em, kind: CheckKind): Promise<Date | null> {
  const [row] = await rows<{ at: string | Date | null }>(
    em,
    'select min(due_at) as at from source_checks where kind = ?',
    [kind],
  );
  return row?.at ? new Date(row.at) : null;
}

/** Somebody who asked for it meanwhile is not overruled: then it stays due. */
export async function putBack(em: Em, check: DueCheck, dueAt: Date | null, failures: number): Promise<void> {
  await rows(
    em,
    `update source_checks set failures = ?,
       due_at = case when due_at = ?::timestamptz then ?::timestamptz else due_at end
     where stack = ? and kind = ?`,
    [failures, check.heldUntil.toISOString(), dueAt?.toISOString() ?? null, check.stack, check.kind],
  );
}

/** As soon as may be; asking many times at once is asking once. */
export async function makeDue(em: Em, stack: string, kind: CheckKind, now: Date): Promise<void> {
  await followStacks(em, now);
  await rows(em, 'update source_checks set due_at = ?::timestamptz where stack = ? and kind = ?', [
    now.toISOString(),
    stack,
    kind,
  ]);
}
