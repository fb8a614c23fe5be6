// What the store holds: chunks of lines, and gaps, each one row, in one order of arrival. Pure.
import type { LogGap } from '#subjects/schema/log-batch.ts';

export interface Source {
  readonly node: string;
  readonly container: string;
  readonly name: string;
  readonly stack: string;
  readonly service: string;
  readonly deployment: string | null;
}

interface NewEntry extends Source {
  readonly keepDays: number | null;
  /** Nanoseconds since 1970: earliest and latest line; of a gap, where it stands among lines. */
  readonly from: bigint;
  readonly to: bigint;
}

export interface NewChunk extends NewEntry {
  readonly kind: 'chunk';
  readonly file: string;
  /** Number of its first row in the file, and how many rows its lines stood in. */
  readonly first: number;
  readonly rows: number;
  readonly lines: number;
  /** Bytes of its text, and that text as zstd. */
  readonly textBytes: number;
  readonly data: Uint8Array;
}

/** Why lines are missing, and the times of the lines around them, decimal nanoseconds. */
export interface GapFacts {
  readonly reason: LogGap['reason'];
  readonly from: string | null;
  readonly to: string | null;
}

export interface NewGap extends NewEntry {
  readonly kind: 'gap';
  readonly file: string | null;
  readonly first: number | null;
  readonly rows: number | null;
  readonly gap: GapFacts;
  /** Null: what was left of one when some of its rows came after all. */
  readonly key: string | null;
}

export type NewLogEntry = NewChunk | NewGap;

/** A line that is read costs that much beside its text, measured: without it empty lines would cost nothing. */
const BESIDE_A_LINE = 160;

/** About what an entry takes in memory once its lines are read, in bytes. */
export const unpackedBytes = ({ textBytes, lines }: Pick<LogEntry, 'textBytes' | 'lines'>) =>
  textBytes + lines * BESIDE_A_LINE;

/** As it is held. */
export interface LogEntry extends Source {
  readonly id: number;
  readonly lines: number;
  readonly from: bigint;
  readonly to: bigint;
  readonly rows: number | null;
  readonly textBytes: number;
  /** Null: a gap. */
  readonly data: Uint8Array | null;
  readonly gap: GapFacts | null;
}
