// A batch as rows of the store.
import type { LogBatch, LogChunk, LogGap } from '#subjects/schema/log-batch.ts';
import type { NewChunk, NewGap, NewLogEntry } from '../entry.ts';
import { packText } from '../text.ts';

type Described = Pick<LogChunk, 'container' | 'name' | 'stack' | 'service' | 'deployment' | 'keepDays'>;

function sourceOf(node: string, { container, name, stack, service, deployment, keepDays }: Described) {
  return { node, container, name, stack, service, deployment, keepDays };
}

function chunkOf(node: string, chunk: LogChunk): NewChunk {
  const { file, first, rows, lines, from, to, text } = chunk;
  const place = { file, first, rows, lines, from: BigInt(from), to: BigInt(to) };
  return { kind: 'chunk', ...sourceOf(node, chunk), ...place, ...packText(text) };
}

/** @param now nanoseconds since 1970: where a gap stands of which no time is known */
function gapOf(node: string, told: LogGap, now: bigint): NewGap {
  const { file, first, rows, from, to, reason, key } = told;
  const time = from ?? to;
  const at = time === null ? now : BigInt(time);
  const facts = { reason, from, to };
  return { kind: 'gap', ...sourceOf(node, told), file, first, rows, from: at, to: at, gap: facts, key };
}

/** @param now milliseconds since 1970 @param batch one without faults */
export function entriesOf(node: string, batch: LogBatch, now: number): NewLogEntry[] {
  const at = BigInt(now) * 1_000_000n;
  return [...batch.chunks.map((chunk) => chunkOf(node, chunk)), ...batch.gaps.map((gap) => gapOf(node, gap, at))];
}
