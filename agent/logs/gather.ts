// Pure: gathers what was read into one batch: a chunk a file, the gaps, and how far each container was read with it.
import type { GAP_REASONS, LogBatch, LogChunk, LogGap } from '#subjects/schema/log-batch.ts';
import { ChunkText, type Line, nanoseconds } from './chunk.ts';
import type { LogSource, Place, StackLogs } from './source.ts';

type Reason = (typeof GAP_REASONS)[number];

export interface Gathered {
  /** Null when there is nothing to tell, only places that moved on. */
  readonly body: LogBatch | null;
  /** By container: where to go on once it is told. */
  readonly places: ReadonlyMap<string, Place | null>;
  /** Characters by container. */
  readonly shares: ReadonlyMap<string, number>;
  /** It could not be read again as it is: it is kept on disk before it is sent. */
  readonly isKeptFirst?: boolean;
}

/** A batch may hold a thousand of each. */
const MOST_PARTS = 900;

/** Where rows stand. */
export interface Origin {
  readonly source: LogSource;
  readonly logs: StackLogs;
  readonly file: string;
}

export interface After {
  readonly file: string;
  /** Of its first line. */
  readonly at: string | null;
}

interface Part {
  readonly source: LogSource;
  readonly logs: StackLogs;
  readonly text: ChunkText;
}

/** Rows of one file that are told as lost, as long as they follow one another. */
interface LostRows {
  readonly head: ReturnType<typeof headOf>;
  readonly file: string;
  readonly reason: Reason;
  readonly first: number;
  readonly from: string | null;
  rows: number;
  /** Seconds and nanoseconds of the last one. */
  to: Moment | null;
}

type Moment = readonly [seconds: number, nanos: number];

export class Gatherer {
  #parts: Part[] = [];
  #open = new Map<string, Part>();
  #gaps: LogGap[] = [];
  #lost = new Map<string, LostRows>();
  #places = new Map<string, Place | null>();
  #size = 0;
  #isKeptFirst = false;

  /** In characters. */
  get size(): number {
    return this.#size;
  }

  get isEmpty(): boolean {
    return this.#size === 0 && this.#gaps.length === 0 && this.#lost.size === 0;
  }

  get hasPlaces(): boolean {
    return this.#places.size > 0;
  }

  get isFull(): boolean {
    return this.#parts.length >= MOST_PARTS || this.#gaps.length >= MOST_PARTS;
  }

  /** @param first of its rows */
  line({ source, logs, file }: Origin, first: number, line: Line, rows: number): void {
    const { container } = source;
    let part = this.#open.get(container);
    if (part === undefined || part.text.file !== file || part.text.next !== first || part.logs !== logs) {
      part = { source, logs, text: new ChunkText(file, first) };
      this.#parts.push(part);
      this.#open.set(container, part);
    }
    const before = part.text.size;
    part.text.add(line, rows);
    this.#size += part.text.size - before;
  }

  /** @param at when they were written; null: it can't be read */
  lost({ source, logs, file }: Origin, first: number, rows: number, reason: Reason, at: Moment | null): void {
    const { container } = source;
    const open = this.#lost.get(container);
    if (open?.file === file && open.reason === reason && open.first + open.rows === first) {
      open.rows += rows;
      open.to = at;
      return;
    }
    this.#endLost(container);
    const from = at && nanoseconds(...at);
    this.#lost.set(container, { head: headOf(source, logs), file, reason, first, from, rows, to: at });
  }

  /** Nobody knows how many rows. @param after with the place before it, it names the gap. What is told of both is told once */
  between({ source, logs }: Pick<Origin, 'source' | 'logs'>, before: Place, after: After, reason: Reason): void {
    this.#gaps.push({
      ...headOf(source, logs),
      ...{ file: null, first: null, rows: null },
      from: before.last,
      to: after.at,
      reason,
      key: `${before.file}:${before.next}:${after.file}`,
    });
  }

  at(container: string, place: Place): void {
    this.#places.set(container, place);
  }

  keepFirst(): void {
    this.#isKeptFirst = true;
  }

  /** Nothing of it is to be known once this is told. */
  forget(container: string): void {
    this.#places.set(container, null);
  }

  #endLost(container: string): void {
    const lost = this.#lost.get(container);
    if (lost === undefined) return;
    const { head, file, first, rows, from, reason } = lost;
    const to = lost.to && nanoseconds(...lost.to);
    this.#gaps.push({ ...head, file, first, rows, from, to, reason, key: `${file}:${first}+${rows}` });
    this.#lost.delete(container);
  }

  take(): Gathered {
    for (const container of [...this.#lost.keys()]) this.#endLost(container);
    const shares = new Map<string, number>();
    const chunks: LogChunk[] = [];
    for (const { source, logs, text } of this.#parts) {
      const written = text.written();
      if (written === null) continue;
      chunks.push({ ...headOf(source, logs), ...written });
      shares.set(source.container, (shares.get(source.container) ?? 0) + written.text.length);
    }
    const hasNone = chunks.length === 0 && this.#gaps.length === 0;
    const body: LogBatch | null = hasNone ? null : { kind: 'log', chunks, gaps: this.#gaps };
    const gathered = { body, places: this.#places, shares, isKeptFirst: this.#isKeptFirst };
    this.#parts = [];
    this.#open = new Map();
    this.#gaps = [];
    this.#places = new Map();
    this.#size = 0;
    this.#isKeptFirst = false;
    return gathered;
  }
}

function headOf({ container, name, stack, service }: LogSource, { deployment, keepDays }: StackLogs) {
  return { container, name, stack, service, deployment, keepDays };
}
