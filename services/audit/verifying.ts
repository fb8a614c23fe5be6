// One part of the verification: some checkpoints, or some records of one partition. What it was told before stands in the
// cursor alone, so that any replica can go on and nobody has to be told that nobody asks any more.
import { NOTHING_BEFORE } from '#infra/audit/chain.ts';
import { checkpointHash, isSigned } from '#infra/audit/checkpoint.ts';
import { examiner } from '#infra/audit/examine.ts';
import { checkpointFault } from '#infra/audit/examine-checkpoint.ts';
import type { NodeHead } from '#infra/audit/node-chain.ts';
import type { Database, EntityManager } from '#infra/postgres/orm.ts';
import type {
  AuditFault,
  HeldCheckpoint,
  VerifiedPart,
  VerifyAudit,
  VerifyCursor,
} from '#subjects/schema/audit-verification.ts';
import type { SignedCheckpoint } from '#subjects/schema/checkpoint.ts';
import { labelsOf, labelText } from './labels.ts';
import type { AuditSigner } from './signer.ts';
import { checkpointHashes, checkpointsAfter, headsOf } from './store/checkpoints.ts';
import { countOf, lastBefore, partitionAfter, rowsAfter } from './store/rows.ts';

/** Each keeps the process busy for about a tenth of a second. */
const CHECKPOINTS = 500;
const RECORDS = 10_000;

type At<P extends VerifyCursor['phase']> = Extract<VerifyCursor, { phase: P }>;

export interface VerifyParts {
  readonly database: Pick<Database, 'read'>;
  readonly signer: Pick<AuditSigner, 'publicKey' | 'seal'>;
  /** The last checkpoint that was made, as it lies beside the database. */
  own(): SignedCheckpoint | null;
}

/** Those that others hold must be here, and be these. */
async function heldFaults(em: EntityManager, held: readonly HeldCheckpoint[], key: string): Promise<AuditFault[]> {
  const found = held.map(({ checkpoint: one, holders }) => {
    if ('hash' in one) return { number: one.number, hash: one.hash, isOurs: true, holders };
    const isOurs = one.key === key && isSigned(one);
    return { number: one.checkpoint.number, hash: checkpointHash(one.checkpoint), isOurs, holders };
  });
  const kept = await checkpointHashes(
    em,
    found.map(({ number }) => number),
  );
  return found
    .toSorted((one, other) => one.number - other.number)
    .flatMap(({ number, hash, isOurs, holders }): AuditFault[] => {
      const here = kept.get(number);
      const who = holders.join(', ');
      const fault = (detail: string): AuditFault[] => [{ partition: 'checkpoints', number, kind: 'witness', detail }];
      if (!isOurs) return fault(`${who} holds one that this audit service did not sign`);
      if (here === undefined) return fault(`${who} holds it, here there is none: the database was set back`);
      return here === hash ? [] : fault(`${who} holds another one: the database was rewritten`);
    });
}

async function firstRecords(em: EntityManager, after: string | null, from?: string): Promise<At<'records'> | null> {
  const partition = await partitionAfter(em, after);
  if (partition === null) return null;
  const before = from === undefined ? null : await lastBefore(em, partition, from);
  const last = before ?? { number: 0, hash: NOTHING_BEFORE };
  return { phase: 'records', partition, number: last.number, hash: last.hash.toString('hex') };
}

async function verifyCheckpoints(
  em: EntityManager,
  { number }: At<'checkpoints'>,
  key: string,
  from?: string,
): Promise<VerifiedPart> {
  // The one before is needed to see that the first of these follows it.
  const found = await checkpointsAfter(em, Math.max(0, number - 1), CHECKPOINTS);
  let before = number > 0 ? (found.shift()?.signed ?? null) : null;
  const faults: AuditFault[] = [];
  for (const one of found) {
    const fault = checkpointFault(before, one, key);
    if (fault !== null)
      return { cursor: await firstRecords(em, null, from), records: 0, checkpoints: 0, faults: [fault] };
    before = one.signed;
  }
  const last = found.at(-1);
  const cursor: VerifyCursor | null = last
    ? { phase: 'checkpoints', number: last.number }
    : await firstRecords(em, null, from);
  return { cursor, records: 0, checkpoints: found.length, faults };
}

function nodeHeadIn({ number, epoch, sequence, nodeHash }: At<'records'>): NodeHead | null | undefined {
  if (epoch !== undefined && sequence !== undefined && nodeHash !== undefined) {
    return { epoch, sequence, hash: Buffer.from(nodeHash, 'hex') };
  }
  // Begun amid a chain nobody knows where the node's own one stands.
  return number === 0 ? null : undefined;
}

async function verifyRecords(
  em: EntityManager,
  at: At<'records'>,
  { seal }: VerifyParts['signer'],
  { from, to }: Pick<VerifyAudit, 'from' | 'to'>,
): Promise<VerifiedPart> {
  const { partition } = at;
  const until = to === undefined ? null : ((await lastBefore(em, partition, to))?.number ?? 0);
  const wanted = until === null ? RECORDS : Math.min(RECORDS, Math.max(0, until - at.number));
  // Before the rows: a checkpoint made in between would know records that were not read. One more than there are rows, so
  // that one beyond the last row is among them.
  const known = await headsOf(em, partition, at.number, RECORDS + 1);
  const rows = wanted === 0 ? [] : await rowsAfter(em, partition, at.number, wanted);
  const isEnd = rows.length < RECORDS;
  // With a limit only those within it are compared.
  const end = rows.at(-1)?.number ?? at.number;
  const heads = isEnd && until === null ? known : known.filter(({ number }) => number <= end);
  const after = { number: at.number, hash: Buffer.from(at.hash, 'hex') };
  const nodeHead = nodeHeadIn(at);
  const examined = examiner({
    partition,
    after,
    heads,
    seal,
    labelsOf: (body) => labelText(labelsOf(body)),
    ...(nodeHead === undefined ? {} : { nodeHead }),
  });
  const next = () => firstRecords(em, partition, from);
  const faults: AuditFault[] = [];
  for (const [index, row] of rows.entries()) {
    const fault = examined.take(row);
    if (fault !== null) faults.push(fault);
    if (fault !== null && fault.kind !== 'node-chain') {
      return { cursor: await next(), records: index, checkpoints: 0, faults };
    }
  }
  const { last, nodeHead: node } = examined;
  if (!isEnd) {
    const own = node ? { epoch: node.epoch, sequence: node.sequence, nodeHash: node.hash.toString('hex') } : {};
    const cursor = {
      phase: 'records',
      partition,
      number: last.number,
      hash: last.hash.toString('hex'),
      ...own,
    } as const;
    return { cursor, records: rows.length, checkpoints: 0, faults };
  }
  const fault = examined.end() ?? (until === null ? await extraFault(em, partition, last.number) : null);
  if (fault !== null) faults.push(fault);
  return { cursor: await next(), records: rows.length, checkpoints: 0, faults };
}

/** More rows than numbers: one that was put in under a number that is there already, between two parts. */
async function extraFault(em: EntityManager, partition: string, last: number): Promise<AuditFault | null> {
  const count = await countOf(em, partition);
  // New ones may have come since.
  const isMore = count > last && (await rowsAfter(em, partition, last, 1)).length === 0;
  return isMore
    ? { partition, number: last, kind: 'extra', detail: `there are ${count} records up to this one` }
    : null;
}

export function verifyPart({ database, signer, own }: VerifyParts, input: VerifyAudit): Promise<VerifiedPart> {
  const { cursor, held = [], from } = input;
  return database.read(async (em) => {
    if (cursor === null) {
      const beside = own();
      const all = beside === null ? held : [...held, { checkpoint: beside, holders: ["the core's data folder"] }];
      const faults = await heldFaults(em, all, signer.publicKey);
      return { cursor: { phase: 'checkpoints', number: 0 }, records: 0, checkpoints: 0, faults };
    }
    if (cursor.phase === 'checkpoints') return verifyCheckpoints(em, cursor, signer.publicKey, from);
    return verifyRecords(em, cursor, signer, input);
  });
}
