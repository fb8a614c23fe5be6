// Adds what arrived to the chains: all that waits in one transaction, since each costs a flush of the disk. A record that
// can't be kept fails alone.
import { auditAlarms } from '#infra/metrics.ts';
import type { Database, EntityManager } from '#infra/postgres/orm.ts';
import { OverseerError } from '#subjects/errors.ts';
import type { AuditBody, NodeAuditFault } from '#subjects/schema/audit.ts';
import { alarm, bodyOf, faultOf, nextRow, nodeHeadOf, nodeOf, OWN_PARTITION, type Received } from './received.ts';
import type { AuditSigner } from './signer.ts';
import { addRows, enrolledKey, keptIds, lockHeads, type NewRow, newestOf } from './store/chain.ts';

const MOST_TOGETHER = 256;

export interface Appending {
  /** Resolves when it is kept; one that is kept already changes nothing. */
  append(received: Received): Promise<void>;
}

interface Parts {
  readonly database: Pick<Database, 'transaction'>;
  readonly signer: Pick<AuditSigner, 'seal'>;
  now(): Date;
  onAppended?(count: number): void;
}

interface Waiting {
  readonly received: Received;
  resolve(): void;
  reject(error: unknown): void;
}

interface Kept {
  readonly count: number;
  readonly alarms: readonly NodeAuditFault[];
  /** Of those that have to come again. */
  readonly refused: ReadonlyMap<Received, OverseerError>;
}

/** In one transaction. */
export async function keepAll(
  em: EntityManager,
  all: readonly Received[],
  { signer, now }: Pick<Parts, 'signer' | 'now'>,
): Promise<Kept> {
  const receivedAt = now().toISOString();
  const partitions = new Set(all.map(({ partition }) => partition));
  if ([...partitions].some((partition) => nodeOf(partition) !== null)) partitions.add(OWN_PARTITION);
  const heads = await lockHeads(em, [...partitions]);
  const kept = await keptIds(
    em,
    all.map(({ partition, record }) => ({ partition, id: record.id })),
  );
  const before = new Map<string, AuditBody[]>();
  const rows: NewRow[] = [];
  const alarms: NodeAuditFault[] = [];
  const refused = new Map<Received, OverseerError>();

  function add(partition: string, body: AuditBody): void {
    const row = nextRow(partition, body, heads.get(partition), signer.seal);
    heads.set(partition, row);
    rows.push(row);
  }

  async function judged(received: Received): Promise<NodeAuditFault | null> {
    const { partition, record, chain } = received;
    const node = nodeOf(partition);
    if (node === null || chain === undefined) return null;
    const newest = before.get(partition) ?? (await newestOf(em, partition, (last) => nodeHeadOf(node, last) !== null));
    const fault = faultOf(node, { record, chain }, await enrolledKey(em, node), nodeHeadOf(node, newest));
    if (received.mayWait && (fault === 'key' || fault === 'hole')) {
      refused.set(received, new OverseerError('conflict', `what belongs before it may still come: ${fault}`));
      return fault;
    }
    before.set(partition, [bodyOf(received, fault, receivedAt), ...newest]);
    // Said once for a row of them: each is marked, and a node must not be able to fill the audit with alarms.
    if (fault !== null && newest[0]?.fault !== fault) {
      add(OWN_PARTITION, { record: alarm(node, fault, received, receivedAt), receivedAt });
      alarms.push(fault);
    }
    return fault;
  }

  for (const received of all) {
    const key = `${received.partition} ${received.record.id}`;
    if (kept.has(key)) continue;
    const fault = await judged(received);
    if (refused.has(received)) continue;
    kept.add(key);
    add(received.partition, bodyOf(received, fault, receivedAt));
  }
  if (rows.length > 0) await addRows(em, rows);
  return { count: rows.length, alarms, refused };
}

export function startAppending(parts: Parts): Appending {
  const waiting: Waiting[] = [];
  let isWriting = false;

  async function write(batch: readonly Waiting[]): Promise<void> {
    const all = batch.map(({ received }) => received);
    const { count, alarms, refused } = await parts.database.transaction((em) => keepAll(em, all, parts));
    for (const fault of alarms) auditAlarms.inc({ fault });
    for (const { received, resolve, reject } of batch) {
      const error = refused.get(received);
      if (error === undefined) resolve();
      else reject(error);
    }
    parts.onAppended?.(count);
  }

  async function writeAll(): Promise<void> {
    isWriting = true;
    while (waiting.length > 0) {
      const batch = waiting.splice(0, MOST_TOGETHER);
      try {
        await write(batch);
      } catch (error) {
        const [first, ...more] = batch;
        if (more.length === 0) first?.reject(error);
        else for (const one of batch) await write([one]).catch(one.reject);
      }
    }
    isWriting = false;
  }

  return {
    append: (received) =>
      new Promise((resolve, reject) => {
        waiting.push({ received, resolve, reject });
        if (!isWriting) void writeAll();
      }),
  };
}
