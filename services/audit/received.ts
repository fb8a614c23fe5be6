// What is made of a record that arrives: its text, its place, and for a node's own what is wrong with it.
import { canonical, type Link, linkHash, NOTHING_BEFORE, type Seal } from '#infra/audit/chain.ts';
import { judgeOrder } from '#infra/audit/judge.ts';
import { isGenuine, type NodeHead, nodeLink } from '#infra/audit/node-chain.ts';
import { newId } from '#infra/ids.ts';
import { verifyingKey } from '#infra/nats/credentials.ts';
import type { AuditBody, AuditRecord, NodeAuditFault, NodeChain } from '#subjects/schema/audit.ts';
import type { AuditFault } from '#subjects/schema/audit-verification.ts';
import type { Checkpoint } from '#subjects/schema/checkpoint.ts';
import { labelsOf } from './labels.ts';
import type { NewRow } from './store/chain.ts';

export interface Received {
  /** A service, or `node:<id>`. */
  readonly partition: string;
  readonly record: AuditRecord;
  /** Of a node's record. */
  readonly chain?: NodeChain;
  /** Others may still come that belong before it. */
  readonly mayWait?: boolean;
}

/** Where alarms about nodes' chains are recorded. */
export const OWN_PARTITION = 'audit';
export const nodeOf = (partition: string) => (partition.startsWith('node:') ? partition.slice(5) : null);

/** Where a node's own chain ends, by what was kept of it, newest first. */
export function nodeHeadOf(node: string, newestFirst: readonly AuditBody[]): NodeHead | null {
  for (const { record, chain, fault } of newestFirst) {
    const isPart = fault === undefined || fault === 'hole' || fault === 'restarted' || fault === 'fork';
    if (chain !== undefined && isPart) return nodeLink(node, { record, chain });
  }
  return null;
}

/** @param enrolled null when the registry has not told of this node */
export function faultOf(
  node: string,
  { record, chain }: { readonly record: AuditRecord; readonly chain: NodeChain },
  enrolled: string | null,
  last: NodeHead | null,
): NodeAuditFault | null {
  if (record.actor.kind !== 'node' || record.actor.id !== node) return 'actor';
  if (enrolled === null || chain.key !== enrolled) return 'key';
  if (!isGenuine(node, { record, chain }, verifyingKey(enrolled))) return 'signature';
  return judgeOrder(last, chain, Buffer.from(chain.previous, 'hex'));
}

export function alarm(node: string, fault: NodeAuditFault, { record, chain }: Received, at: string): AuditRecord {
  return {
    ...{ kind: 'audit', id: newId(), at, action: `node-audit.${fault}`, object: `nodes/${node}`, outcome: 'failed' },
    actor: { kind: 'system', id: 'audit', requestId: record.actor.requestId },
    code: null,
    detail: { record: record.id, epoch: chain?.epoch ?? null, sequence: chain?.sequence ?? null },
  };
}

type Fork = Pick<AuditRecord, 'object' | 'detail'>;

/** The database does not hold what was made. */
export function forkRecord({ object, detail }: Fork, id: string, at: string): AuditRecord {
  return {
    ...{ kind: 'audit', id, at, action: 'audit.fork', object, outcome: 'failed', code: null, detail },
    actor: { kind: 'system', id: 'audit', requestId: id },
  };
}

export function lostCheckpoint({ number }: Checkpoint, hash: string): Fork {
  return { object: `checkpoints/${number}`, detail: { number, hash } };
}

export function unsealable({ partition, number, kind, detail: reason }: AuditFault): Fork {
  return { object: `partitions/${partition}`, detail: { number, kind, reason } };
}

/** Of the records of before there were chains; there is none for a second time. */
export const BROUGHT = 'audit.bring-older';

/** @param told up to which place of the old table, how many, and how many could not be kept */
export function broughtRecord(
  told: Readonly<Record<'upTo' | 'brought' | 'deadLetters', number>>,
  id: string,
  at: string,
): AuditRecord {
  return {
    ...{ kind: 'audit', id, at, action: BROUGHT, object: 'audit', outcome: 'succeeded', code: null, detail: told },
    actor: { kind: 'system', id: 'audit', requestId: id },
  };
}

export function bodyOf({ record, chain }: Received, fault: NodeAuditFault | null, receivedAt: string): AuditBody {
  return { record, receivedAt, ...(chain ? { chain } : {}), ...(fault ? { fault } : {}) };
}

/** @throws TypeError when it has no canonical form */
export function nextRow(partition: string, body: AuditBody, last: Link | undefined, seal: Seal): NewRow {
  const text = canonical(body);
  const number = (last?.number ?? 0) + 1;
  const hash = linkHash(partition)(number, last?.hash ?? NOTHING_BEFORE, text);
  const { receivedAt } = body;
  return { partition, number, hash, seal: seal(hash), body: text, receivedAt, labels: labelsOf(body) };
}
