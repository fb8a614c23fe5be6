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

/** What was asked for lies this far before what is due by its interval, so that it goes first. */
const ASKED_YEARS = 100;

export interface Taking {
  readonly kind: CheckKind;
  /** Stacks that are looked at already. */
  readonly except: readonly string[];
  /** Nothing but what somebody asked for. */
  readonly onlyAsked: boolean;
}

/** What was asked for, else the one that waits longest, held for the caller alone; null when none is due. */
export async function takeDue(em: Em, taking: Taking, now: Date, heldUntil: Date): Promise<DueCheck | null> {
  const { kind, except, onlyAsked } = taking;
  const [row] = await rows<{ stack: string; everySeconds: number; failures: number }>(
    em,
    `update source_checks set due_at = ?::timestamptz
     where (stack, kind) = (
       select stack, kind from source_checks where kind = ? and not stack = any(array[?]::text[])
         and due_at <= ?::timestamptz - ? * interval '1 year'
       order by due_at limit 1 for update skip locked)
     returning stack, every_seconds as "everySeconds", failures`,
    [heldUntil.toISOString(), kind, except, now.toISOString(), onlyAsked ? ASKED_YEARS / 2 : 0],
  );
  return row ? { ...row, kind, heldUntil } : null;
}

/** When the next one is due; null when none is. */
export async function nextDue(em: Em, { kind, except }: Pick<Taking, 'kind' | 'except'>): Promise<Date | null> {
  const [row] = await rows<{ at: string | Date | null }>(
    em,
    'select min(due_at) as at from source_checks where kind = ? and not stack = any(array[?]::text[])',
    [kind, except],
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
  await rows(
    em,
    `update source_checks set due_at = ?::timestamptz - ? * interval '1 year' where stack = ? and kind = ?`,
    [now.toISOString(), ASKED_YEARS, stack, kind],
  );
}
