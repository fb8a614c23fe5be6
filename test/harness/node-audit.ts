// A node that keeps a chain of what it does, as an agent makes it; for tests that speak in its place.
import { chained, firstHead, type NodeHead } from '#infra/audit/node-chain.ts';
import { newId } from '#infra/ids.ts';
import { newUserKey, userKey } from '#infra/nats/credentials.ts';
import type { AuditRecord, NodeAudit } from '#subjects/schema/audit.ts';

export function nodeRecord(node: string, given: Partial<AuditRecord> = {}): AuditRecord {
  return {
    ...{ kind: 'audit', id: newId(), at: new Date().toISOString(), action: 'stack.up', object: 'stacks/web' },
    ...{ outcome: 'succeeded', code: null, detail: {} },
    actor: { kind: 'node', id: node, requestId: newId() },
    ...given,
  };
}

export interface ChainingNode {
  readonly node: string;
  readonly publicKey: string;
  /** The next record of its chain. */
  next(given?: Partial<AuditRecord>): NodeAudit;
  /** As after a lost disk. */
  beginAnew(): void;
  /** As after an old disk was put back. */
  goBackTo(head: NodeHead): void;
  head(): NodeHead;
}

export function chainingNode(node: string): ChainingNode {
  const key = userKey(newUserKey().seed);
  let head = firstHead(newId());
  return {
    node,
    publicKey: key.publicKey,
    next(given) {
      const made = chained(node, head, nodeRecord(node, given), key);
      head = made.head;
      return made.entry;
    },
    beginAnew() {
      head = firstHead(newId());
    },
    goBackTo(earlier) {
      head = earlier;
    },
    head: () => head,
  };
}
