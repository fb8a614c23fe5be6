// Verifies an exported audit where no core is: only the file counts, the key that signed its checkpoints, and a checkpoint
// that was kept elsewhere.
import * as z from 'zod/mini';
import type { AuditBody } from '#subjects/schema/audit.ts';
import { type AuditFault, ExportLine } from '#subjects/schema/audit-verification.ts';
import { SignedCheckpoint } from '#subjects/schema/checkpoint.ts';
import { Timestamp } from '#subjects/schema/ids.ts';
import { NOTHING_BEFORE } from './chain.ts';
import { checkpointHash, isSigned } from './checkpoint.ts';
import { type Examiner, examiner } from './examine.ts';
import { checkpointFault } from './examine-checkpoint.ts';
import { type DatedHead, type Range, type Reach, rangeFault } from './export-range.ts';

export type { SignedCheckpoint };

export interface VerifiedExport extends Range {
  readonly faults: AuditFault[];
  readonly records: number;
  /** Of them, those that came after the newest checkpoint: nothing vouches for them yet. */
  readonly unsealed: number;
  readonly checkpoints: number;
  /** That signed the checkpoints, base64url; null when there are none. */
  readonly key: string | null;
}

const End = z.object({ type: z.literal('end'), from: z.nullable(Timestamp), to: z.nullable(Timestamp) });
type RecordLine = Extract<ExportLine, { type: 'record' }>;
type CheckpointLine = Extract<ExportLine, { type: 'checkpoint' }>;

interface Partition extends Reach {
  readonly examined: Examiner;
  readonly isBad: boolean;
}

/** Null when the text is no genuine checkpoint. */
export function checkpointIn(text: string): SignedCheckpoint | null {
  try {
    const signed = SignedCheckpoint.parse(JSON.parse(text));
    return isSigned(signed) ? signed : null;
  } catch {
    return null;
  }
}

/** `<number>-<hash>`, as the core takes it. */
export function checkpointName({ checkpoint }: SignedCheckpoint): string {
  return `${checkpoint.number}-${checkpointHash(checkpoint)}`;
}

function lineOf(text: string, at: number): ExportLine | z.infer<typeof End> {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    throw new Error(`line ${at} is no JSON`);
  }
  const end = End.safeParse(content);
  if (end.success) return end.data;
  const line = ExportLine.safeParse(content);
  if (!line.success) throw new Error(`line ${at} is neither a checkpoint nor a record`);
  return line.data;
}

function keptFault(kept: SignedCheckpoint, found: SignedCheckpoint | undefined): AuditFault | null {
  const { number } = kept.checkpoint;
  const fault = (detail: string): AuditFault => ({ partition: 'checkpoints', number, kind: 'witness', detail });
  if (found === undefined) return fault('the given checkpoint is not in it');
  if (checkpointHash(found.checkpoint) !== checkpointHash(kept.checkpoint)) {
    return fault('it has another one than the given checkpoint');
  }
  return found.key === kept.key ? null : fault('it is signed by another key than the given checkpoint');
}

/**
 * @param kept that must be in it
 * @throws Error when it is no whole export
 */
export async function verifyExport(
  lines: AsyncIterable<string>,
  kept: SignedCheckpoint | null = null,
): Promise<VerifiedExport> {
  const faults: AuditFault[] = [];
  const heads = new Map<string, DatedHead[]>();
  const read = new Map<string, Partition>();
  let before: SignedCheckpoint | null = null;
  let asKept: SignedCheckpoint | undefined;
  let [records, checkpoints, at] = [0, 0, 0];
  let current = '';
  let end: Range | null = null;

  function takeCheckpoint({ signed, heads: told }: CheckpointLine): void {
    // Records are compared with the heads that came before them: one further down would be compared with nothing.
    if (read.size > 0) throw new Error(`line ${at}: a checkpoint stands behind records`);
    const after = before === null ? Number.NEGATIVE_INFINITY : Date.parse(before.checkpoint.at);
    const dates = { after, at: Date.parse(signed.checkpoint.at) };
    const own = told.map((head) => ({ ...head, ...dates, hash: Buffer.from(head.hash, 'hex') }));
    const isBroken = faults.length > 0;
    const { number } = signed.checkpoint;
    const fault = isBroken
      ? null
      : checkpointFault(before, { number, hash: null, signed, heads: own }, before?.key ?? signed.key);
    if (fault !== null) faults.push(fault);
    if (number === kept?.checkpoint.number) asKept ??= signed;
    before = signed;
    checkpoints += 1;
    for (const head of own) heads.set(head.partition, [...(heads.get(head.partition) ?? []), head]);
  }

  function begun({ partition, number, previous: told }: RecordLine): Partition {
    if (read.has(partition)) throw new Error(`line ${at}: records of ${partition} came before`);
    const previous = number === 1 ? NOTHING_BEFORE : Buffer.from(told, 'hex');
    const after = { number: number - 1, hash: previous };
    // Of a part of the audit the first record's predecessor is trusted, and where the node's own chain stood is not known.
    const nodeHead = number === 1 ? { nodeHead: null } : {};
    const known = (heads.get(partition) ?? []).filter((head) => head.number >= number);
    const examined = examiner({ partition, after, heads: known, seal: null, ...nodeHead });
    const [earliest, latest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    return { examined, isBad: false, first: number, last: number - 1, previous, earliest, latest };
  }

  function takeRecord(line: RecordLine): void {
    const { partition, number, hash, body } = line;
    const known = partition === current ? read.get(partition) : undefined;
    const state = known ?? begun(line);
    current = partition;
    read.set(partition, state);
    if (state.isBad) return;
    const fault = state.examined.take({ number, hash: Buffer.from(hash, 'hex'), body, seal: null, labels: null });
    if (fault !== null) faults.push(fault);
    if (fault !== null && fault.kind !== 'node-chain') {
      read.set(partition, { ...state, isBad: true });
      return;
    }
    records += 1;
    const latest = Date.parse((JSON.parse(body) as AuditBody).receivedAt);
    read.set(partition, { ...state, last: number, latest, earliest: Math.min(state.earliest, latest) });
  }

  for await (const text of lines) {
    at += 1;
    if (text === '') continue;
    if (end !== null) throw new Error(`line ${at} stands behind its end`);
    const line = lineOf(text, at);
    if (line.type === 'end') end = line;
    else if (line.type === 'checkpoint') takeCheckpoint(line);
    else takeRecord(line);
  }
  if (end === null) throw new Error('it has no end: the export was broken off');
  const { from, to } = end;
  if (checkpoints === 0) {
    const detail = 'there is no checkpoint: nothing vouches for these records';
    faults.push({ partition: 'checkpoints', number: 1, kind: 'checkpoint-missing', detail });
  }
  let unsealed = 0;
  for (const partition of new Set([...heads.keys(), ...read.keys()])) {
    const [own, reach] = [heads.get(partition) ?? [], read.get(partition) ?? null];
    const fault = reach?.isBad ? null : rangeFault(partition, own, reach, { from, to });
    if (fault !== null) faults.push(fault);
    if (reach !== null) unsealed += Math.max(0, reach.last - Math.max(reach.first - 1, own.at(-1)?.number ?? 0));
  }
  const fault = kept === null ? null : keptFault(kept, asKept);
  if (fault !== null) faults.unshift(fault);
  const { key = null } = (before as SignedCheckpoint | null) ?? {};
  return { faults, records, unsealed, checkpoints, key, from, to };
}
