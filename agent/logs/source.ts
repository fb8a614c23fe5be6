// What the parts that follow logs know of a container, of its stack, and of how far they have read.
import type { LogFileId } from '#subjects/schema/log-batch.ts';
import type { LogPolicy } from '#subjects/schema/log-policy.ts';

export interface LogSource {
  /** The engine's id. */
  readonly container: string;
  readonly name: string;
  readonly stack: string;
  readonly service: string;
}

/** What a stack wants of its logs, with what is usual filled in. */
export interface StackLogs {
  readonly deployment: string | null;
  readonly collect: NonNullable<LogPolicy['collect']>;
  readonly linesPerSecond: number;
  readonly keepDays: number | null;
}

/** How far a container's log was read. Reading on from an older one is harmless: the same rows have the same places. */
export interface Place {
  readonly file: LogFileId;
  /** Where reading goes on, and the number of the row there. Without meaning where the engine is asked. */
  readonly offset: number;
  readonly row: number;
  /** First row that nothing was told of; rows before it are passed over when they are read again. */
  readonly next: number;
  /** What stood right before the offset: so a file that was cut and grew again is known. */
  readonly mark: string;
  /** By what its first row says, where the file was cut since. */
  readonly origin?: LogFileId;
  /** Lines up to that time were told of before it was cut. */
  readonly after?: string;
  /** Whose it is: it can be gone when we come back. */
  readonly source: LogSource;
  /** Of the last line; null before the first. Nanoseconds since 1970. */
  readonly last: string | null;
  /** As `Searched` says; left out where no value was ever known. */
  readonly secretsUntil?: number | null;
  /** Entries that asking the engine again will bring once more, as `seen.ts` writes them. */
  readonly seen?: string;
}

const USUAL_LINES_PER_SECOND = 20_000;

export function stackLogs({
  deployment,
  logs,
}: {
  deployment: string | null;
  logs?: LogPolicy | undefined;
}): StackLogs {
  return {
    deployment,
    collect: logs?.collect ?? 'all',
    linesPerSecond: logs?.linesPerSecond ?? USUAL_LINES_PER_SECOND,
    keepDays: logs?.keepDays ?? null,
  };
}
