// Where secrets are used: by the present revisions of stacks, and by what nodes are to run.
import { type Em, rows } from './rows.ts';

export interface SecretUse {
  readonly name: string;
  readonly stack: string;
  /** At least one service gets it as an environment variable. */
  readonly isEnvironment: boolean;
}

/** By stacks that were not removed, in the order of their names. */
export async function secretUses(em: Em, names: readonly string[]): Promise<SecretUse[]> {
  if (names.length === 0) return [];
  return rows<SecretUse>(
    em,
    `select used.value->>'secret' as name, s.name as stack,
       bool_or(coalesce(used.value->>'environment', '') <> '') as "isEnvironment"
     from stacks s join revisions r on r.stack = s.name and r.revision = s.revision
       cross join lateral jsonb_each(r.content->'secrets') used
     where s.removed_at is null and used.value->>'secret' in (?)
     group by 1, 2 order by 2`,
    [names],
  );
}

/** Of stacks whose repository or registry is opened with it: the core itself needs these, no node does. */
export async function credentialUses(em: Em, names: readonly string[]): Promise<Pick<SecretUse, 'name' | 'stack'>[]> {
  if (names.length === 0) return [];
  return rows(
    em,
    `select distinct used.name, s.name as stack
     from stacks s cross join lateral (
       select s.settings->'source'->>'credential' union all
       select value from jsonb_each_text(coalesce(s.settings->'images'->'credentials', '{}'))) used(name)
     where s.removed_at is null and used.name in (?) order by 2`,
    [names],
  );
}

/** Stacks that can't do without it: their present revision or settings use it, or a node still runs one that does. */
export async function stacksThatNeed(em: Em, name: string): Promise<string[]> {
  const running = await rows<{ stack: string }>(
    em,
    `select distinct stack from assignments where kind = 'run' and jsonb_exists(resolution->'secrets', ?)`,
    [name],
  );
  const used = [...(await secretUses(em, [name])), ...(await credentialUses(em, [name]))];
  return [...new Set([...used, ...running].map(({ stack }) => stack))].sort();
}

export interface SecretPlace {
  readonly node: string;
  readonly stack: string;
  readonly recipient: string;
}

/** Nodes of the stacks that use it, with their recipients. */
export async function secretPlaces(
  em: Em,
  name: string,
  { after, limit }: { after: Pick<SecretPlace, 'node' | 'stack'>; limit: number },
): Promise<SecretPlace[]> {
  const stacks = (await secretUses(em, [name])).map(({ stack }) => stack);
  if (stacks.length === 0) return [];
  return rows<SecretPlace>(
    em,
    `select a.node, a.stack, n.age_recipient as recipient
     from assignments a join placed_nodes n on n.id = a.node
     where a.kind = 'run' and not n.removed and n.age_recipient is not null and a.stack in (?)
       and (a.node, a.stack) > (?, ?)
     order by a.node, a.stack limit ?`,
    [stacks, after.node, after.stack, limit],
  );
}

export interface WaitingPlace {
  readonly name: string;
  readonly version: number;
  readonly node: string;
  readonly stack: string;
  /** Null: the node has not told one. */
  readonly recipient: string | null;
}

/** What nodes should run with and nobody has sealed for them. @param names all of them unless given */
export function waitingPlaces(em: Em, names?: readonly string[]): Promise<WaitingPlace[]> {
  return rows<WaitingPlace>(
    em,
    `select distinct used.value->>'secret' as name, a.node, a.stack, n.age_recipient as recipient,
       (a.resolution->'secrets'->>(used.value->>'secret'))::int as version
     from assignments a join placed_nodes n on n.id = a.node
       join revisions r on r.stack = a.stack and r.revision = a.revision
       cross join lateral jsonb_each(r.content->'secrets') used
     where a.kind = 'run' and not n.removed
       ${names === undefined ? '' : `and used.value->>'secret' = any(array[?]::text[])`}
       and jsonb_exists(a.resolution->'secrets', used.value->>'secret')
       and not exists (select 1 from node_secrets s where s.node = a.node and s.stack = a.stack
         and s.name = used.value->>'secret'
         and s.version = (a.resolution->'secrets'->>(used.value->>'secret'))::int)
     order by 1, 2, 3`,
    names === undefined ? [] : [names],
  );
}
