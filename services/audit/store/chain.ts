// The chains in PostgreSQL: where they end, records added to them, and what is looked up while that is done.
import type { Link } from '#infra/audit/chain.ts';
import type { EntityManager } from '#infra/postgres/orm.ts';
import type { AuditBody } from '#subjects/schema/audit.ts';
import type { Labels } from '../labels.ts';

export interface NewRow {
  readonly partition: string;
  readonly number: number;
  readonly hash: Buffer;
  readonly seal: Buffer;
  readonly body: string;
  readonly receivedAt: string;
  readonly labels: Labels;
}

/** The last record of each, locked until the transaction ends: nobody else adds to them meanwhile. */
export async function lockHeads(em: EntityManager, partitions: readonly string[]): Promise<Map<string, Link>> {
  const rows = await em.execute<{ partition: string; number: string; hash: Buffer }[]>(
    'select partition, number, hash from audit_heads(array(select jsonb_array_elements_text(?::jsonb)))',
    [JSON.stringify(partitions)],
  );
  return new Map(rows.map(({ partition, number, hash }) => [partition, { number: Number(number), hash }]));
}

/** In the order in which each follows the last. @throws a collision when one does not */
export async function addRows(em: EntityManager, rows: readonly NewRow[]): Promise<void> {
  const entries = rows.map(({ partition, number, hash, seal, body, receivedAt, labels }) => ({
    ...{ partition, number, body, hash: hash.toString('hex'), seal: seal.toString('hex') },
    ...labels,
    received_at: receivedAt,
  }));
  await em.execute('select audit_append(?::jsonb)', [JSON.stringify(entries)]);
}

/** Which of these are kept already, as `<partition> <id>`. */
export async function keptIds(
  em: EntityManager,
  wanted: readonly { partition: string; id: string }[],
): Promise<Set<string>> {
  const rows = await em.execute<{ partition: string; id: string }[]>(
    `select c.partition, c.id from jsonb_to_recordset(?::jsonb) as w (partition text, id text)
     join audit_chain c on c.partition = w.partition and c.id = w.id`,
    [JSON.stringify(wanted)],
  );
  return new Set(rows.map(({ partition, id }) => `${partition} ${id}`));
}

async function bodies(em: EntityManager, sql: string, parameters: unknown[]): Promise<AuditBody[]> {
  const rows = await em.execute<{ body: string }[]>(sql, parameters);
  return rows.map(({ body }) => JSON.parse(body) as AuditBody);
}

/** So many at a time the end of a node's own chain is looked for, when the newest record is no part of it. */
const PAGE = 200;

/**
 * Newest first: the last one alone when that is enough, else that one and the newest page that is. A node can have sent
 * any number of records in a row that are no part of its chain: to stop before its end is found would judge all that
 * follow by a chain that begins nowhere.
 */
export async function newestOf(
  em: EntityManager,
  partition: string,
  isEnough: (newest: readonly AuditBody[]) => boolean,
): Promise<AuditBody[]> {
  const sql = 'select body from audit_chain where partition = ? order by number desc limit ? offset ?';
  const last = await bodies(em, sql, [partition, 1, 0]);
  if (last.length === 0 || isEnough(last)) return last;
  for (let skipped = 1; ; skipped += PAGE) {
    const page = await bodies(em, sql, [partition, PAGE, skipped]);
    if (page.length < PAGE || isEnough(page)) return [...last, ...page];
  }
}

/** The key that the node was enrolled with, as the registry recorded it. Null: it recorded nothing of it yet. */
export async function enrolledKey(em: EntityManager, node: string): Promise<string | null> {
  const [body] = await bodies(
    em,
    `select body from audit_chain where partition = 'registry' and object = ? and action = 'node.register'
     order by place desc limit 1`,
    [`nodes/${node}`],
  );
  const key = body?.record.outcome === 'accepted' ? body.record.detail['publicKey'] : null;
  return typeof key === 'string' ? key : null;
}
