// The chain that a node makes of what it does by itself, as it makes it and as others check it.
import type { KeyObject } from 'node:crypto';
import { isSignedBy, signBytes } from '#infra/signing/ed25519.ts';
import type { AuditRecord, NodeAudit, NodeChain } from '#subjects/schema/audit.ts';
import { canonical, linkHash, NOTHING_BEFORE } from './chain.ts';

/** Where a node's chain stands. */
export interface NodeHead {
  readonly epoch: string;
  readonly sequence: number;
  readonly hash: Buffer;
}

export function firstHead(epoch: string): NodeHead {
  return { epoch, sequence: 0, hash: NOTHING_BEFORE };
}

/** Another node or another epoch makes another chain of the same records. */
function hashOf(node: string, chain: Pick<NodeChain, 'epoch' | 'sequence' | 'previous'>, record: AuditRecord): Buffer {
  const hash = linkHash(`node:${node}.${chain.epoch}`);
  return hash(chain.sequence, Buffer.from(chain.previous, 'hex'), canonical(record));
}

export function nodeLink(node: string, { record, chain }: Pick<NodeAudit, 'record' | 'chain'>): NodeHead {
  return { epoch: chain.epoch, sequence: chain.sequence, hash: hashOf(node, chain, record) };
}

export interface ChainKey {
  readonly publicKey: string;
  readonly privateKey: KeyObject;
}

export function chained(
  node: string,
  last: NodeHead,
  record: AuditRecord,
  key: ChainKey,
): { entry: NodeAudit; head: NodeHead } {
  const { epoch } = last;
  const place = { epoch, sequence: last.sequence + 1, previous: last.hash.toString('hex') };
  const hash = hashOf(node, place, record);
  const signature = signBytes('audit', hash, key.privateKey).toString('base64url');
  return {
    entry: { kind: 'node-audit', record, chain: { ...place, key: key.publicKey, signature } },
    head: { epoch, sequence: place.sequence, hash },
  };
}

/** @param key of `chain.key` */
export function isGenuine(node: string, entry: Pick<NodeAudit, 'record' | 'chain'>, key: KeyObject): boolean {
  const { hash } = nodeLink(node, entry);
  return isSignedBy('audit', hash, Buffer.from(entry.chain.signature, 'base64url'), key);
}
