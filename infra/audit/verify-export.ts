// Verifies an exported audit where no core is: only the file counts, and the key that signed its checkpoints.
import * as z from 'zod/mini';
import { type AuditFault, ExportLine } from '#subjects/schema/audit-verification.ts';
import { SignedCheckpoint } from '#subjects/schema/checkpoint.ts';
import { checkpointHash, type Head, isSigned } from './checkpoint.ts';
import { type Examiner, examiner } from './examine.ts';
import { checkpointFault } from './examine-checkpoint.ts';

export interface VerifiedExport {
  readonly faults: AuditFault[];
  readonly records: number;
  readonly checkpoints: number;
  /** That signed the checkpoints, base64url; null when there are none, and so nothing but the chains themselves. */
  readonly key: string | null;
}

const End = z.object({ type: z.literal('end'), from: z.nullable(z.string()), to: z.nullable(z.string()) });
type RecordLine = Extract<ExportLine, { type: 'record' }>;
type CheckpointLine = Extract<ExportLine, { type: 'checkpoint' }>;

/** `<number>-<hash>`, or null when the text is no genuine checkpoint. */
export function checkpointName(text: string): string | null {
  try {
    const signed = SignedCheckpoint.parse(JSON.parse(text));
    return isSigned(signed) ? `${signed.checkpoint.number}-${checkpointHash(signed.checkpoint)}` : null;
  } catch {
    return null;
  }
}

function headsIn(line: CheckpointLine): Head[] {
  return line.heads.map((head) => ({ ...head, hash: Buffer.from(head.hash, 'hex') }));
}

/** @throws Error when it is no whole export */
export async function verifyExport(lines: AsyncIterable<string>): Promise<VerifiedExport> {
  const faults: AuditFault[] = [];
  const heads = new Map<string, Head[]>();
  const seen = new Set<string>();
  let before: SignedCheckpoint | null = null;
  let [records, checkpoints, at] = [0, 0, 0];
  let current: { partition: string; examined: Examiner; isBad: boolean } | null = null;
  /** Only the end says whether there could have been more. */
  const cut: AuditFault[] = [];
  let end: z.infer<typeof End> | null = null;

  function close(): void {
    const fault = current === null || current.isBad ? null : current.examined.end();
    if (fault !== null) cut.push(fault);
    current = null;
  }

  function takeCheckpoint(line: CheckpointLine): void {
    const { signed } = line;
    const own = headsIn(line);
    const kept = { number: signed.checkpoint.number, hash: null, signed, heads: own };
    const isBroken = faults.some(({ partition }) => partition === 'checkpoints');
    const fault = isBroken ? null : checkpointFault(before, kept, before?.key ?? signed.key);
    if (fault !== null) faults.push(fault);
    before = signed;
    checkpoints += 1;
    for (const head of own) heads.set(head.partition, [...(heads.get(head.partition) ?? []), head]);
  }

  function begin({ partition, number, previous }: RecordLine) {
    if (seen.has(partition)) throw new Error(`line ${at}: records of ${partition} came before`);
    seen.add(partition);
    const after = { number: number - 1, hash: Buffer.from(previous, 'hex') };
    // Of a part of the audit the first record's predecessor is trusted, and where the node's own chain stood is not known.
    const nodeHead = number === 1 ? { nodeHead: null } : {};
    const known = (heads.get(partition) ?? []).filter((head) => head.number >= number);
    return {
      partition,
      examined: examiner({ partition, after, heads: known, seal: null, ...nodeHead }),
      isBad: false,
    };
  }

  function takeRecord(line: RecordLine): void {
    if (current?.partition !== line.partition) {
      close();
      current = begin(line);
    }
    if (current.isBad) return;
    const { number, hash, body } = line;
    const fault = current.examined.take({ number, hash: Buffer.from(hash, 'hex'), body, seal: null, labels: null });
    if (fault === null) records += 1;
    else {
      faults.push(fault);
      current.isBad = true;
    }
  }

  for await (const text of lines) {
    at += 1;
    if (text === '') continue;
    let content: unknown;
    try {
      content = JSON.parse(text);
    } catch {
      throw new Error(`line ${at} is no JSON`);
    }
    const ended = End.safeParse(content);
    if (ended.success) {
      end = ended.data;
      continue;
    }
    const line = ExportLine.safeParse(content);
    if (!line.success) throw new Error(`line ${at} is neither a checkpoint nor a record`);
    if (line.data.type === 'checkpoint') takeCheckpoint(line.data);
    else takeRecord(line.data);
  }
  if (end === null) throw new Error('it has no end: the export was broken off');
  close();
  if (end.to === null) {
    faults.push(...cut);
    for (const [partition, [first]] of heads) {
      if (end.from !== null || seen.has(partition) || first === undefined) continue;
      faults.push({
        partition,
        number: 1,
        kind: 'truncated',
        detail: 'a checkpoint knows records of it, there are none',
      });
    }
  }
  return { faults, records, checkpoints, key: (before as SignedCheckpoint | null)?.key ?? null };
}
