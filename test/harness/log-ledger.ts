// Pure: what was told of containers' logs, row by row, as a core keeps it that knows each row by its place: again is not
// twice. A row that is told otherwise the second time is a fault of the sender.
import type { LogBatch, LogChunk, LogGap } from '#subjects/schema/log-batch.ts';
import { decodeLines } from '#subjects/schema/log-lines.ts';

export interface ToldLine {
  readonly stream: 'stdout' | 'stderr';
  readonly isPiece: boolean;
  readonly at: bigint;
  readonly rows: number;
  readonly text: string;
}

interface Row {
  readonly line: ToldLine;
  readonly row: number;
}

export class LogLedger {
  readonly gaps = new Map<string, LogGap>();
  /** Places that were told of with two texts, or chunks that contradict themselves. */
  readonly conflicts: string[] = [];
  readonly chunks: LogChunk[] = [];
  /** Lines that came again. */
  again = 0;
  readonly #files = new Map<string, Map<number, Row>>();

  take({ chunks, gaps }: LogBatch): void {
    for (const gap of gaps) this.gaps.set(`${gap.container} ${gap.key}`, gap);
    for (const chunk of chunks) this.#takeChunk(chunk);
  }

  #takeChunk(chunk: LogChunk): void {
    this.chunks.push(chunk);
    const lines = decodeLines(BigInt(chunk.from), chunk.text);
    const rows = lines?.reduce((sum, line) => sum + line.rows, 0);
    if (lines === null || lines.length !== chunk.lines || rows !== chunk.rows) {
      this.conflicts.push(`a chunk of ${chunk.name} tells ${chunk.lines} lines and ${chunk.rows} rows, and has others`);
      return;
    }
    const file = this.#file(chunk.container, chunk.file);
    // By its last row: what nobody asked for may stand before it the one time, and not the other.
    let end = chunk.first;
    for (const line of lines) {
      end += line.rows;
      const before = file.get(end)?.line;
      if (before === undefined) file.set(end, { line, row: end });
      else if (before.text === line.text && before.at === line.at) this.again += 1;
      else this.conflicts.push(`${chunk.name} ${chunk.file} ${end}: "${before.text}" and "${line.text}"`);
    }
  }

  #file(container: string, file: string): Map<number, Row> {
    const key = `${container} ${file}`;
    const found = this.#files.get(key) ?? new Map<number, Row>();
    this.#files.set(key, found);
    return found;
  }

  /** Of one container, by file and place. */
  lines(container: string): ToldLine[] {
    const files = [...this.#files].filter(([key]) => key.startsWith(container)).map(([, rows]) => [...rows.values()]);
    const sorted = files.map((rows) => rows.toSorted((a, b) => a.row - b.row).map(({ line }) => line));
    return sorted.toSorted((a, b) => Number((a[0]?.at ?? 0n) - (b[0]?.at ?? 0n))).flat();
  }

  /** With the pieces of long ones put together. */
  texts(container: string): string[] {
    const texts: string[] = [];
    const open = { stdout: '', stderr: '' };
    for (const { stream, isPiece, text } of this.lines(container)) {
      open[stream] += text;
      if (isPiece) continue;
      texts.push(open[stream]);
      open[stream] = '';
    }
    return texts;
  }

  gapsOf(container: string): LogGap[] {
    return [...this.gaps.values()].filter((gap) => gap.container === container);
  }

  /** How often each number came, by the first group of the pattern. */
  counts(container: string, pattern: RegExp): Map<number, number> {
    const counts = new Map<number, number>();
    for (const text of this.texts(container)) {
      const found = pattern.exec(text)?.[1];
      if (found !== undefined) counts.set(Number(found), (counts.get(Number(found)) ?? 0) + 1);
    }
    return counts;
  }
}

/** Of the numbers from 1 on: which are missing, and which came more than once. */
export function faults(counts: ReadonlyMap<number, number>, last: number): { missing: number[]; doubled: number[] } {
  const missing = Array.from({ length: last }, (_, index) => index + 1).filter((number) => !counts.has(number));
  const doubled = [...counts].filter(([, count]) => count > 1).map(([number]) => number);
  return { missing, doubled };
}
