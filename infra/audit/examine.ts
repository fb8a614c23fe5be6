// Goes along one partition, record by record, and stops at the first that is not what it was. The audit service does so
// over its database, the CLI over an export.
import type { AuditBody, NodeAuditFault } from '#subjects/schema/audit.ts';
import type { AuditFault } from '#subjects/schema/audit-verification.ts';
import { type Link, linkHash, type Seal } from './chain.ts';
import type { Head } from './checkpoint.ts';
import { judgeOrder } from './judge.ts';
import { type NodeHead, nodeLink } from './node-chain.ts';

export interface Examined {
  readonly number: number;
  readonly hash: Buffer;
  readonly body: string;
  /** Null where nobody has the key to check it. */
  readonly seal: Buffer | null;
  /** What the record can be found by beside its body, as one text; null: it has only the body. */
  readonly labels: string | null;
}

export interface Examination {
  readonly partition: string;
  /** The last record that is trusted, or was examined before. */
  readonly after: Link;
  /** What checkpoints say of this partition from there on, in order. */
  readonly heads: readonly Head[];
  /** Null where nobody has the key. */
  readonly seal: Seal | null;
  /** What a record must be found by. */
  labelsOf?(body: AuditBody): string;
  /** Of a node's own chain; null at its beginning, left out when it is not known. */
  readonly nodeHead?: NodeHead | null;
}

export interface Examiner {
  /**
   * Null: it is good. After a fault nothing more can be told of this partition, but for `node-chain`: the record is what
   * was written, and those after it can be checked; where the node's own chain stands is not known from there on.
   */
  take(record: Examined): AuditFault | null;
  /** There are no more. */
  end(): AuditFault | null;
  readonly last: Link;
  readonly nodeHead: NodeHead | null | undefined;
}

const NODE = /^node:(.+)$/;
/** A fault that its own order shows; the others take the enrolled key to find. */
const OF_ORDER: ReadonlySet<NodeAuditFault> = new Set(['hole', 'late', 'restarted', 'fork']);

export function examiner(examination: Examination): Examiner {
  const { partition, seal, labelsOf } = examination;
  const node = NODE.exec(partition)?.[1] ?? null;
  const hash = linkHash(partition);
  const heads = [...examination.heads];
  let { number, hash: previous } = examination.after;
  let nodeHead = examination.nodeHead;

  const fault = (at: number, kind: AuditFault['kind'], detail: string): AuditFault => {
    return { partition, number: at, kind, detail };
  };

  function labelFault(record: Examined, body: AuditBody): AuditFault | null {
    if (record.labels === null || labelsOf === undefined) return null;
    if (labelsOf(body) === record.labels) return null;
    return fault(record.number, 'mislabelled', 'what it is found by is not what the record says');
  }

  function nodeFault(at: number, body: AuditBody): AuditFault | null {
    const { chain, record } = body;
    if (node === null || chain === undefined || nodeHead === undefined) return null;
    const link = nodeLink(node, { record, chain });
    const seen = judgeOrder(nodeHead, link, Buffer.from(chain.previous, 'hex'));
    const told = body.fault !== undefined && OF_ORDER.has(body.fault) ? body.fault : null;
    // One with a wrong signature is no part of the node's chain.
    if (body.fault === 'signature' || body.fault === 'key' || body.fault === 'actor') return null;
    if (seen !== told) {
      return fault(
        at,
        'node-chain',
        `in the node's own chain it is ${seen ?? 'in order'}, but it was kept as ${told ?? 'in order'}`,
      );
    }
    if (seen !== 'late') nodeHead = link;
    return null;
  }

  function sealedFault(record: Examined): AuditFault | null {
    const [next] = heads;
    if (next === undefined || next.number !== record.number) return null;
    heads.shift();
    if (next.hash.equals(record.hash)) return null;
    const first = next.before + 1;
    return fault(
      first,
      'rewritten',
      `a checkpoint has another hash for record ${next.number}: not before ${first}, the chain was rewritten`,
    );
  }

  function contentFault(record: Examined): AuditFault | null {
    const at = record.number;
    // Its hash and seal were right: what the service made needs no schema, which would take longer than all the rest.
    try {
      const body = JSON.parse(record.body) as AuditBody;
      return labelFault(record, body) ?? nodeFault(at, body);
    } catch {
      return fault(at, 'unreadable', 'it is no audit record');
    }
  }

  return {
    take(record) {
      const expected = number + 1;
      if (record.number > expected) {
        return fault(expected, 'missing', `there is none between ${number} and ${record.number}`);
      }
      if (record.number < expected) return fault(record.number, 'extra', 'there is more than one of this number');
      if (!hash(expected, previous, record.body).equals(record.hash)) {
        return fault(expected, 'changed', 'its hash is not that of its text after the record before');
      }
      if (seal !== null && record.seal !== null && !seal(record.hash).equals(record.seal)) {
        return fault(expected, 'forged', 'the audit service did not make it');
      }
      const found = sealedFault(record) ?? contentFault(record);
      if (found !== null && found.kind !== 'node-chain') return found;
      number = expected;
      previous = record.hash;
      if (found !== null) nodeHead = undefined;
      return found;
    },
    end() {
      const [next] = heads;
      if (next === undefined) return null;
      return fault(number + 1, 'truncated', `a checkpoint knows ${next.number} records, there are ${number}`);
    },
    get last() {
      return { number, hash: previous };
    },
    get nodeHead() {
      return nodeHead;
    },
  };
}
