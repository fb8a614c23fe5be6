// Follows a container's log through the engine, where its file can't be read. The engine numbers nothing, so rows are counted
// here, and where one stands is only known again because each batch is kept on disk, with the count, before it is sent.
import type { Logger } from '#infra/logger.ts';
import { escapedText } from '#subjects/schema/log-lines.ts';
import type { Engine } from '../docker.ts';
import type { Redactor } from '../secrets/redactor.ts';
import { type Attached, attach } from './attached.ts';
import { nanoseconds } from './chunk.ts';
import type { Follower } from './follower.ts';
import type { LogEntry } from './frames.ts';
import type { Gatherer, Origin } from './gather.ts';
import { LineJoiner, type ReadRow } from './join.ts';
import type { LineRate } from './rate.ts';
import { type Held, redacting } from './redacted.ts';
import { Searched } from './searched.ts';
import { Seen } from './seen.ts';
import type { LogSource, Place, StackLogs } from './source.ts';
import { type Telling, telling } from './telling.ts';

export interface EngineLogParts {
  readonly source: LogSource;
  readonly place: Place | null;
  readonly hasTerminal: boolean;
  readonly engine: Pick<Engine, 'logStream'>;
  logs(): StackLogs;
  redactor(): Redactor;
  readonly rate: LineRate;
  /** Of a log that was never followed. */
  newFile(): string;
  readonly log: Pick<Logger, 'debug'>;
}

/** Of text, in characters: a batch has room for that and what is gathered already. */
const ENOUGH_AT_ONCE = 256 * 1024;
const NEWLINE = 10;

function rowOf({ isError, seconds, nanos, payload }: LogEntry): ReadRow {
  const isEnd = payload.at(-1) === NEWLINE;
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(isEnd ? payload.subarray(0, -1) : payload);
  return { isError, seconds, nanos, isEnd, text: escapedText(text) };
}

const lastOf = (rows: readonly ReadRow[], count: number) => (count === 0 ? [] : rows.slice(-count));

export class EngineLog implements Follower {
  readonly #parts: EngineLogParts;
  readonly #attached: Attached;
  readonly #held: Held = { stdout: '', stderr: '' };
  readonly #searched: Searched;
  #seen: Seen;
  #place: Place;
  /** Rows of a line that has no end yet, to be joined with what comes next: a joiner lives no longer than a turn. */
  #open: ReadRow[] = [];

  constructor(parts: EngineLogParts) {
    this.#parts = parts;
    const { source, place, engine, hasTerminal, log } = parts;
    this.#searched = new Searched(parts.redactor, place?.secretsUntil);
    // One that was read by its file till now: what stands there at the same moment is the last that was told.
    const last = place?.last ?? null;
    this.#seen = new Seen(place?.seen ?? (last === null ? '' : `${last}o ${last}e`));
    const fresh = { file: parts.newFile(), source, offset: 0, row: 0, next: 0, mark: '', last };
    this.#place = place?.seen === undefined ? fresh : place;
    const askAgain = () => this.#seen.askAgain();
    this.#attached = attach({ engine, container: source.container, hasTerminal, askAgain, log });
  }

  get source(): LogSource {
    return this.#parts.source;
  }

  get place(): Place {
    return this.#place;
  }

  get isDone(): boolean {
    return this.#attached.hasEnded && this.#attached.entries.length === 0 && this.#open.length === 0;
  }

  read(gatherer: Gatherer, now: number): boolean {
    const { entries, hasEnded } = this.#attached;
    if (entries.length === 0 && !(hasEnded && this.#open.length > 0)) return false;
    const { source, logs, rate } = this.#parts;
    const origin = { source, logs: logs(), file: this.#place.file };
    const told = telling(gatherer, { origin, rate, ...this.#placed(), after: null });
    const search = this.#searched.look(now);
    const sink = search === null ? told : redacting(told, search, this.#held);
    const joiner = new LineJoiner(sink);
    for (const row of this.#open) joiner.take(row);
    const enough = gatherer.size + ENOUGH_AT_ONCE;
    let taken = 0;
    for (; taken < entries.length && gatherer.size < enough; taken++) {
      this.#take(entries[taken] ?? null, joiner, told, gatherer, origin);
    }
    entries.splice(0, taken);
    if (hasEnded && entries.length === 0) joiner.release(false);
    this.#open = lastOf(this.#open, joiner.unfinishedRows);
    const isWhole = this.#open.length === 0 && this.#held.stdout === '' && this.#held.stderr === '';
    if (isWhole) this.#searched.reached(told.last);
    const { secretsUntil: _, ...before } = this.#place;
    const { until } = this.#searched;
    const secrets = until === undefined ? {} : { secretsUntil: until };
    const { row, next, last } = told;
    this.#place = { ...before, ...secrets, row, next, last, seen: this.#seen.written() };
    gatherer.keepFirst();
    if (isWhole) gatherer.at(source.container, this.#place);
    if (entries.length === 0) this.#attached.taken();
    return entries.length > 0;
  }

  #placed(): Pick<Place, 'row' | 'next' | 'last'> {
    const { row, next, last } = this.#place;
    return { row, next, last };
  }

  #take(entry: LogEntry | null, joiner: LineJoiner, told: Telling, gatherer: Gatherer, origin: Origin): void {
    if (entry === null) {
      joiner.unreadable();
      return;
    }
    const { isNew, isTorn } = this.#seen.take(entry);
    if (!isNew) return;
    if (isTorn) {
      const at = nanoseconds(entry.seconds, entry.nanos);
      const before = { ...this.#place, next: told.next, last: told.last };
      gatherer.between(origin, before, { file: at, at }, 'engine');
    }
    const { collect } = origin.logs;
    if (collect === 'off' || (collect === 'errors' && !entry.isError)) {
      joiner.skipped();
      return;
    }
    const row = rowOf(entry);
    joiner.take(row);
    this.#open = lastOf([...this.#open, row], joiner.unfinishedRows);
  }

  watch(): void {}

  started(): void {
    this.#attached.started();
  }

  gone(): void {
    this.#attached.gone();
  }

  close(): void {
    this.#attached.close();
  }
}
