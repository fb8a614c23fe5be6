// Stacks and their revisions.
import type { Content } from '../specification.ts';
import { RevisionRow, StackRow } from './entities.ts';
import { type Em, rows } from './rows.ts';

export function findStack(em: Em, name: string): Promise<StackRow | null> {
  return em.findOne(StackRow, { name }, { disableIdentityMap: true });
}

/** As they are in the database now, unlike what this transaction may have read before. */
export function allStacks(em: Em): Promise<StackRow[]> {
  return em.find(StackRow, {}, { disableIdentityMap: true });
}

/** By name, those after `after`; only those assigned to `node` when it is given. */
export async function pageOfStacks(
  em: Em,
  page: { after: string | null; limit: number; node: string | null },
): Promise<StackRow[]> {
  const where: Record<string, unknown> = { removedAt: null };
  if (page.after !== null) where['name'] = { $gt: page.after };
  if (page.node !== null) {
    const held = await rows<{ stack: string }>(em, 'select stack from assignments where node = ?', [page.node]);
    where['$and'] = [{ name: { $in: held.map(({ stack }) => stack) } }];
  }
  return em.find(StackRow, where, { orderBy: { name: 'asc' }, limit: page.limit, disableIdentityMap: true });
}

export async function addRevision(
  em: Em,
  revision: {
    stack: string;
    revision: number;
    hash: string;
    content: Content;
    deployment: string;
    createdAt: Date;
    createdBy: string;
    commit: string | null;
    pins: Readonly<Record<string, string>>;
  },
): Promise<void> {
  await em.insert(RevisionRow, revision);
}

export function findRevision(em: Em, stack: string, revision: number): Promise<RevisionRow | null> {
  return em.findOne(RevisionRow, { stack, revision }, { disableIdentityMap: true });
}

/**
 * The newest before the present one that is not the same and that ran: a deployment of it succeeded, or reached nodes and
 * failed on none until another took its place.
 */
export async function lastGoodRevision(
  em: Em,
  { name, revision, contentHash, resolution }: StackRow,
): Promise<number | null> {
  const [row] = await rows<{ revision: number }>(
    em,
    `select r.revision from revisions r
     where r.stack = ? and r.revision < ? and (r.hash <> ? or r.pins <> ?::jsonb) and exists (
       select 1 from deployments d where d.stack = r.stack and d.revision = r.revision and d.kind = 'apply'
         and (d.state = 'succeeded' or (d.state = 'superseded'
           and exists (select 1 from deployment_targets t where t.deployment = d.id and t.state = 'succeeded')
           and not exists (
             select 1 from deployment_targets t where t.deployment = d.id and t.state in ('failed', 'rolled-back')))))
     order by r.revision desc limit 1`,
    [name, revision, contentHash, JSON.stringify(resolution.pins)],
  );
  return row?.revision ?? null;
}

export function revisionsOf(em: Em, stack: string, limit: number) {
  return em.find(
    RevisionRow,
    { stack },
    {
      orderBy: { revision: 'desc' },
      limit,
      fields: ['stack', 'revision', 'hash', 'deployment', 'createdAt', 'createdBy', 'commit'],
      disableIdentityMap: true,
    },
  );
}

export async function contentOf(em: Em, stack: string, revision: number): Promise<Content | null> {
  const row = await em.findOne(RevisionRow, { stack, revision }, { disableIdentityMap: true });
  return row?.content ?? null;
}

export type ContentLookup = (stack: string, revision: number) => Content;

/** Contents of many revisions, each loaded once. */
export async function contentsOf(
  em: Em,
  wanted: Iterable<{ stack: string; revision: number }>,
): Promise<ContentLookup> {
  const keys = new Map([...wanted].map(({ stack, revision }) => [`${stack}@${revision}`, { stack, revision }]));
  const found = new Map<string, Content>();
  if (keys.size > 0) {
    const stacks = [...keys.values()];
    const loaded = await em.find(RevisionRow, { $or: stacks }, { disableIdentityMap: true });
    for (const row of loaded) found.set(`${row.stack}@${row.revision}`, row.content);
  }
  return (stack, revision) => {
    const content = found.get(`${stack}@${revision}`);
    if (!content) throw new Error(`revision ${revision} of ${stack} is assigned but not stored`);
    return content;
  };
}
