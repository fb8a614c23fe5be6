// Pure: a batch that is too large for the bus, in two. Rows keep their places.

import type { LogBatch, LogChunk } from '#subjects/schema/log-batch.ts';
import { decodeLines, encodeLines } from '#subjects/schema/log-lines.ts';

/** Null when there is nothing to part: one line alone. */
export function halves({ kind, chunks, gaps }: LogBatch): readonly [LogBatch, LogBatch] | null {
  if (chunks.length + gaps.length > 1) {
    const [chunk, gap] = [Math.ceil(chunks.length / 2), Math.floor(gaps.length / 2)];
    return [
      { kind, chunks: chunks.slice(0, chunk), gaps: gaps.slice(0, gap) },
      { kind, chunks: chunks.slice(chunk), gaps: gaps.slice(gap) },
    ];
  }
  const [only] = chunks;
  const parts = only === undefined ? null : chunkHalves(only);
  return (
    parts && [
      { kind, chunks: [parts[0]], gaps: [] },
      { kind, chunks: [parts[1]], gaps: [] },
    ]
  );
}

function chunkHalves(chunk: LogChunk): readonly [LogChunk, LogChunk] | null {
  const lines = decodeLines(BigInt(chunk.from), chunk.text);
  if (lines === null || lines.length < 2) return null;
  const middle = Math.ceil(lines.length / 2);
  const firstRows = lines.slice(0, middle).reduce((sum, { rows }) => sum + rows, 0);
  const made = [lines.slice(0, middle), lines.slice(middle)].map((own, index) => {
    const times = own.map(({ at }) => at);
    const from = times.reduce((least, at) => (at < least ? at : least));
    const to = times.reduce((most, at) => (at > most ? at : most));
    const first = index === 0 ? chunk.first : chunk.first + firstRows;
    const rows = index === 0 ? firstRows : chunk.rows - firstRows;
    return {
      ...chunk,
      first,
      rows,
      lines: own.length,
      from: String(from),
      to: String(to),
      text: encodeLines(from, own),
    };
  });
  return made as unknown as readonly [LogChunk, LogChunk];
}
