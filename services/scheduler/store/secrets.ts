// Secrets, their versions, and what was sealed for nodes. Bytes of age files only.
import { createHash } from 'node:crypto';
import { type Em, rows } from './rows.ts';

export interface SecretRow {
  readonly name: string;
  readonly version: number;
  readonly description: string | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly updatedBy: string;
}

interface Stored extends Omit<SecretRow, 'createdAt' | 'updatedAt'> {
  readonly createdAt: string | Date;
  readonly updatedAt: string | Date;
}

const COLUMNS = `name, version, description, created_at as "createdAt", updated_at as "updatedAt",
  updated_by as "updatedBy"`;

function rowOf(stored: Stored): SecretRow {
  return { ...stored, createdAt: new Date(stored.createdAt), updatedAt: new Date(stored.updatedAt) };
}

export async function findSecret(em: Em, name: string): Promise<SecretRow | null> {
  const [row] = await rows<Stored>(em, `select ${COLUMNS} from secrets where name = ?`, [name]);
  return row ? rowOf(row) : null;
}

/** By name, those after `after`. */
export async function pageOfSecrets(em: Em, after: string | null, limit: number): Promise<SecretRow[]> {
  const sql = `select ${COLUMNS} from secrets where ?::text is null or name > ? order by name limit ?`;
  return (await rows<Stored>(em, sql, [after, after, limit])).map(rowOf);
}

export async function presentVersions(em: Em, names: readonly string[]): Promise<Map<string, number>> {
  if (names.length === 0) return new Map();
  const sql = 'select name, version from secrets where name in (?) order by name';
  const found = await rows<{ name: string; version: number }>(em, sql, [names]);
  return new Map(found.map(({ name, version }) => [name, version]));
}

export async function addVersion(
  em: Em,
  secret: { name: string; version: number; description: string | null; sealed: Buffer; by: string; at: Date },
): Promise<void> {
  const { name, version, description, sealed, by } = secret;
  const at = secret.at.toISOString();
  await rows(
    em,
    `insert into secrets (name, version, description, created_at, updated_at, updated_by)
     values (?, ?, ?, ?::timestamptz, ?::timestamptz, ?)
     on conflict (name) do update set version = excluded.version, updated_at = excluded.updated_at,
       updated_by = excluded.updated_by, description = coalesce(excluded.description, secrets.description)`,
    [name, version, description, at, at, by],
  );
  await rows(em, 'insert into secret_versions (name, version, sealed) values (?, ?, ?)', [name, version, sealed]);
}

/** As it was sealed for the core. */
export async function sealedVersion(em: Em, name: string, version: number): Promise<Buffer | null> {
  const sql = 'select sealed from secret_versions where name = ? and version = ?';
  const [row] = await rows<{ sealed: Buffer }>(em, sql, [name, version]);
  return row ? Buffer.from(row.sealed) : null;
}

export interface NodeSecret {
  readonly name: string;
  readonly version: number;
  readonly node: string;
  readonly stack: string;
  readonly sealed: Buffer;
  /** SHA-256 of the sealed bytes. */
  readonly digest: string;
}

export async function nodeSecrets(em: Em, nodes: readonly string[]): Promise<NodeSecret[]> {
  if (nodes.length === 0) return [];
  const sql = 'select name, version, node, stack, sealed, digest from node_secrets where node in (?)';
  const found = await rows<NodeSecret>(em, sql, [nodes]);
  return found.map((row) => ({ ...row, sealed: Buffer.from(row.sealed) }));
}

/** Which there are, without their bytes. */
export async function nodeSecretPlaces(
  em: Em,
  nodes: readonly string[],
): Promise<Omit<NodeSecret, 'sealed' | 'digest'>[]> {
  if (nodes.length === 0) return [];
  return rows(em, 'select name, version, node, stack from node_secrets where node in (?)', [nodes]);
}

/** The first one stays: a document that names it must be the same when it is made again. @returns false when there was one */
export async function saveNodeSecret(em: Em, secret: Omit<NodeSecret, 'digest'>): Promise<boolean> {
  const { name, version, node, stack, sealed } = secret;
  const added = await rows(
    em,
    `insert into node_secrets (name, version, node, stack, sealed, digest) values (?, ?, ?, ?, ?, ?)
     on conflict do nothing returning name`,
    [name, version, node, stack, sealed, createHash('sha256').update(sealed).digest('hex')],
  );
  return added.length > 0;
}

/** Versions before `present - 1` that nothing runs with any more, and what was sealed of them. */
export async function forgetVersions(em: Em, name: string, present: number): Promise<void> {
  for (const table of ['secret_versions', 'node_secrets']) {
    await rows(
      em,
      `delete from ${table} old where name = ? and version < ?
         and not exists (select 1 from assignments a where a.kind = 'run'
           and (a.resolution->'secrets'->>old.name)::int = old.version)
         and not exists (select 1 from stacks s where s.removed_at is null
           and (s.resolution->'secrets'->>old.name)::int = old.version)`,
      [name, present - 1],
    );
  }
  await rows(
    em,
    `delete from node_secrets old where name = ?
       and exists (select 1 from placed_nodes n where n.id = old.node and n.removed)`,
    [name],
  );
}

export async function forgetSecret(em: Em, name: string): Promise<void> {
  for (const table of ['secrets', 'secret_versions', 'node_secrets']) {
    await rows(em, `delete from ${table} where name = ?`, [name]);
  }
}
