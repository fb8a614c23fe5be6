// What somebody who owns the database can do to a chain, each with the number of the first record that is then not what it
// was, and what verification has to call it.
import { canonical, linkHash, NOTHING_BEFORE } from '#infra/audit/chain.ts';
import type { EntityManager } from '#infra/postgres/orm.ts';
import type { AuditBody } from '#subjects/schema/audit.ts';
import type { AuditFault } from '#subjects/schema/audit-verification.ts';

export interface TamperedRow {
  readonly number: number;
  readonly hash: Buffer;
  readonly body: string;
}

export interface Tampering {
  readonly name: string;
  /** Changes the partition from record `k` on; `k` and `k + 1` are there. */
  act(em: EntityManager, partition: string, k: number, rows: readonly TamperedRow[]): Promise<void>;
  /** Any of these names it rightly. */
  readonly kinds: readonly AuditFault['kind'][];
}

function edited(body: string): string {
  const content = JSON.parse(body) as AuditBody;
  return canonical({ ...content, record: { ...content.record, detail: { ...content.record.detail, edited: true } } });
}

const set = (em: EntityManager, assignment: string, values: unknown[], partition: string, number: number) =>
  em.execute(
    `update audit_chain set ${assignment} where partition = ? and number = ?`,
    [...values, partition, number],
    'run',
  );

/** Gives every record from `from` on the hash that its place calls for; seals stay, since nobody here can make them. */
async function rehash(em: EntityManager, partition: string, from: number): Promise<void> {
  const hash = linkHash(partition);
  const rows = await em.execute<{ number: string; hash: Buffer; body: string }[]>(
    'select number, hash, body from audit_chain where partition = ? and number >= ? order by number',
    [partition, from - 1],
  );
  let previous = Number(rows[0]?.number) === from - 1 ? (rows.shift()?.hash ?? NOTHING_BEFORE) : NOTHING_BEFORE;
  const made = rows.map(({ number, body }) => {
    previous = hash(Number(number), previous, body);
    return { number: Number(number), hash: previous.toString('hex') };
  });
  await em.execute(
    `update audit_chain c set hash = decode(m.hash, 'hex')
     from jsonb_to_recordset(?::jsonb) as m (number bigint, hash text) where c.partition = ? and c.number = m.number`,
    [JSON.stringify(made), partition],
    'run',
  );
}

/** In two steps: no number may be there twice on the way. */
async function shift(em: EntityManager, partition: string, from: number, by: number): Promise<void> {
  const far = 1_000_000_000;
  const move = (distance: number, above: number) =>
    em.execute(
      'update audit_chain set number = number + ? where partition = ? and number >= ?',
      [distance, partition, above],
      'run',
    );
  await move(far, from);
  await move(by - far, far);
}

async function insertCopy(em: EntityManager, partition: string, k: number, body: string): Promise<void> {
  await em.execute(
    `insert into audit_chain (partition, number, hash, seal, body, received_at, id, action, object, actor, request)
     select partition, ?, hash, seal, ?, received_at, id || '-more', action, object, actor, request
     from audit_chain where partition = ? and number = ?`,
    [k, body, partition, k + 1],
    'run',
  );
}

const text = (rows: readonly TamperedRow[], number: number) => rows.find((row) => row.number === number)?.body ?? '';

export const TAMPERINGS: readonly Tampering[] = [
  {
    name: 'edit',
    kinds: ['changed'],
    act: (em, partition, k, rows) => set(em, 'body = ?', [edited(text(rows, k))], partition, k).then(() => {}),
  },
  {
    name: 'edit with the right hash for it alone',
    kinds: ['forged'],
    async act(em, partition, k, rows) {
      const body = edited(text(rows, k));
      const before = rows.find(({ number }) => number === k - 1)?.hash ?? NOTHING_BEFORE;
      await set(em, 'body = ?, hash = ?', [body, linkHash(partition)(k, before, body)], partition, k);
    },
  },
  {
    name: 'hide from searches',
    kinds: ['mislabelled'],
    act: (em, partition, k) => set(em, `object = 'stacks/elsewhere'`, [], partition, k).then(() => {}),
  },
  {
    name: 'delete',
    kinds: ['missing'],
    act: (em, partition, k) =>
      em.execute('delete from audit_chain where partition = ? and number = ?', [partition, k], 'run').then(() => {}),
  },
  {
    name: 'delete and renumber with right hashes',
    kinds: ['forged'],
    async act(em, partition, k) {
      await em.execute('delete from audit_chain where partition = ? and number = ?', [partition, k], 'run');
      await shift(em, partition, k + 1, -1);
      await rehash(em, partition, k);
    },
  },
  {
    name: 'insert',
    kinds: ['changed'],
    async act(em, partition, k, rows) {
      await shift(em, partition, k, 1);
      await insertCopy(em, partition, k, edited(text(rows, k)));
    },
  },
  {
    name: 'insert with right hashes',
    kinds: ['forged'],
    async act(em, partition, k, rows) {
      await shift(em, partition, k, 1);
      await insertCopy(em, partition, k, edited(text(rows, k)));
      await rehash(em, partition, k);
    },
  },
  {
    name: 'swap',
    kinds: ['changed'],
    async act(em, partition, k, rows) {
      await set(em, 'body = ?', [text(rows, k + 1)], partition, k);
      await set(em, 'body = ?', [text(rows, k)], partition, k + 1);
    },
  },
  {
    name: 'swap with right hashes',
    kinds: ['forged'],
    async act(em, partition, k, rows) {
      await set(em, 'body = ?', [text(rows, k + 1)], partition, k);
      await set(em, 'body = ?', [text(rows, k)], partition, k + 1);
      await rehash(em, partition, k);
    },
  },
  {
    name: 'cut the tail',
    kinds: ['truncated'],
    act: (em, partition, k) =>
      em.execute('delete from audit_chain where partition = ? and number >= ?', [partition, k], 'run').then(() => {}),
  },
  {
    name: 'rewrite from there with right hashes',
    kinds: ['forged'],
    async act(em, partition, k) {
      await em.execute(
        `update audit_chain set body = replace(body, '"accepted"', '"refused"') where partition = ? and number >= ?`,
        [partition, k],
        'run',
      );
      await rehash(em, partition, k);
    },
  },
];
