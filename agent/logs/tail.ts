// Reads one container's json-file from where it was left, over rotations, a block at a time.
import { createHash } from 'node:crypto';
import { readSync } from 'node:fs';
import type { Redactor } from '../secrets/redactor.ts';
import { tellBlock } from './block.ts';
import type { FileWay } from './driver.ts';
import type { Follower } from './follower.ts';
import type { Gatherer, Origin } from './gather.ts';
import type { JoinOptions } from './join.ts';
import { identify, LONGEST_ROW_BYTES, type LogFile, markAfter } from './log-file.ts';
import { afterCut, afterEngine, beginOf } from './places.ts';
import type { LineRate } from './rate.ts';
import type { Held } from './redacted.ts';
import { Rotation } from './rotation.ts';
import type { Row } from './row.ts';
import { Searched } from './searched.ts';
import type { LogSource, Place, StackLogs } from './source.ts';

export interface TailParts {
  readonly source: LogSource;
  readonly way: FileWay;
  /** Where it was left. */
  readonly place: Place | null;
  logs(): StackLogs;
  /** Asked for after the text was read: what was written with a new secret was opened before. */
  redactor(): Redactor;
  readonly rate: LineRate;
  /** Shared with other tails; nothing in them outlives a call. */
  readonly row: Row;
  readonly buffer: Buffer;
}

/** Room for a block and the mark before it. */
export const BLOCK_BUFFER_BYTES = LONGEST_ROW_BYTES + 1024;
/** Searching a text for secrets takes long, and everything else waits meanwhile. */
const SEARCHED_BYTES = 64 * 1024;
/** A line without an end is a piece then; the engine itself writes a long one as it comes. */
const UNFINISHED_MS = 1_000;

const derive = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 32);

export class Tail implements Follower {
  readonly #parts: TailParts;
  readonly #files: Rotation;
  readonly #held: Held = { stdout: '', stderr: '' };
  readonly #searched: Searched;
  #place: Place | null;
  #isBegun = false;
  #isSearched = true;
  /** Nothing of the last block could be taken: its first line is longer. */
  #isStuck = false;
  /** Within a row that is too long: how far its end was looked for. */
  #scanned: number | null = null;
  #unfinishedSince: number | null = null;
  #seenSize = -1;
  #loss: 'rotated' | 'spool-full' = 'rotated';
  #isGone = false;
  #isDone = false;

  constructor(parts: TailParts) {
    this.#parts = parts;
    this.#place = parts.place;
    this.#searched = new Searched(parts.redactor, parts.place?.secretsUntil);
    this.#files = new Rotation(parts.way.path);
  }

  get source(): LogSource {
    return this.#parts.source;
  }

  get place(): Place | null {
    return this.#place;
  }

  /** The container is gone, and all that it wrote was read. */
  get isDone(): boolean {
    return this.#isDone;
  }

  gone(): void {
    this.#isGone = true;
    this.#seenSize = -1;
  }

  close(): void {
    this.#files.close();
  }

  /** Its file is the same one. */
  started(): void {}

  /** Holds on to files that the engine may throw away before they are read. */
  watch(isFull: boolean): void {
    if (isFull) this.#loss = 'spool-full';
    if (this.#isBegun) this.#files.watch();
  }

  /** @returns whether there is more to read at once. @throws when the disk can't be read */
  read(gatherer: Gatherer, now: number): boolean {
    if (!this.#isBegun && !this.#begin(gatherer)) return this.#pause();
    const size = this.#files.watch();
    const place = this.#place as Place;
    if (size !== null && size < place.offset) return this.#cut(gatherer, place);
    if (size !== null && size === this.#seenSize && this.#unfinishedSince === null) return false;
    if (this.#scanned !== null) return this.#scan(gatherer, place, this.#scanned);
    const block = this.#block(place);
    if (block === null) return this.#cut(gatherer, place);
    const { bytes, isMore } = block;
    this.#seenSize = isMore ? -1 : place.offset + bytes.length;
    const end = bytes.lastIndexOf(10) + 1;
    const isTaken = end > 0 && this.#take(gatherer, bytes.subarray(0, end), isMore, now);
    if (isTaken) return isMore || this.#files.isRotated || this.#isGone;
    if (isMore) return this.#grow(place, bytes.length);
    return this.#end(gatherer, place, bytes.length > 0 && end === 0);
  }

  #origin(file: string): Origin {
    const { source, logs } = this.#parts;
    return { source, logs: logs(), file };
  }

  #begin(gatherer: Gatherer): boolean {
    const before = this.#place;
    const found = this.#files.begin(before?.origin ?? before?.file ?? null);
    const { current } = this.#files;
    if (current === null) return false;
    this.#isBegun = true;
    if (before === null) this.#tellBefore(gatherer, current);
    if (before?.seen !== undefined) this.#moveTo(gatherer, afterEngine(current.id, before));
    else if (found === null) this.#turnTo(gatherer, current, before !== null);
    return true;
  }

  /** There are as many files as there may be: one that was first may be gone. */
  #tellBefore(gatherer: Gatherer, { id, firstAt }: LogFile): void {
    const { mostFiles } = this.#parts.way;
    if (mostFiles === null || mostFiles < 2 || this.#files.count < mostFiles) return;
    const none = beginOf(id, this.source, null);
    gatherer.between(this.#origin(id), none, { file: 'begin', at: firstAt }, 'rotated');
  }

  #turnTo(gatherer: Gatherer, { id, firstAt }: LogFile, isTorn: boolean): void {
    const before = this.#place;
    if (isTorn && before !== null) gatherer.between(this.#origin(id), before, { file: id, at: firstAt }, this.#loss);
    if (!this.#files.isRotated) this.#loss = 'rotated';
    this.#seenSize = -1;
    this.#moveTo(gatherer, beginOf(id, this.source, before));
  }

  get #isHolding(): boolean {
    return this.#held.stdout !== '' || this.#held.stderr !== '';
  }

  #moveTo(gatherer: Gatherer, moved: Place): void {
    const { secretsUntil: _, ...rest } = moved;
    const { until } = this.#searched;
    const place = until === undefined ? rest : { ...rest, secretsUntil: until };
    this.#place = place;
    this.#scanned = null;
    this.#unfinishedSince = null;
    this.#isStuck = false;
    // Of a line in pieces something is held back: reading again has to begin with the line.
    if (!this.#isHolding) gatherer.at(this.source.container, place);
  }

  /** Null when what stands before the place is not what stood there. */
  #block({ offset, mark }: Place): { readonly bytes: Buffer; readonly isMore: boolean } | null {
    const { buffer } = this.#parts;
    const asked = mark.length + (this.#isSearched && !this.#isStuck ? SEARCHED_BYTES : LONGEST_ROW_BYTES);
    const length = readSync(this.#descriptor, buffer, 0, asked, offset - mark.length);
    if (buffer.toString('latin1', 0, Math.min(length, mark.length)) !== mark) return null;
    return { bytes: buffer.subarray(mark.length, length), isMore: length === asked };
  }

  get #descriptor(): number {
    return this.#files.current?.descriptor ?? -1;
  }

  #take(gatherer: Gatherer, bytes: Buffer, isMore: boolean, now: number): boolean {
    const before = this.#place as Place;
    const { rate, row } = this.#parts;
    const search = this.#searched.look(now);
    this.#isSearched = search !== null;
    const unfinished = this.#unfinished(isMore, now);
    const parts = { origin: this.#origin(before.file), rate, row, search, held: this.#held, unfinished };
    const place = tellBlock(gatherer, bytes, before, parts);
    if (!this.#isHolding) this.#searched.reached(place.last);
    if (place.offset > before.offset) this.#moveTo(gatherer, place);
    if (place.offset < before.offset + bytes.length) this.#unfinishedSince ??= now;
    return place.offset > before.offset;
  }

  #unfinished(isMore: boolean, now: number): JoinOptions['unfinished'] {
    if (isMore) return this.#isStuck ? 'piece' : 'waits';
    if (this.#files.isRotated) return 'piece';
    if (this.#isGone) return 'whole';
    const isLate = this.#unfinishedSince !== null && now - this.#unfinishedSince >= UNFINISHED_MS;
    return isLate && !this.#isSearched ? 'piece' : 'waits';
  }

  /** Nothing of a full block could be taken. */
  #grow({ offset }: Place, length: number): boolean {
    if (length >= LONGEST_ROW_BYTES) this.#scanned = offset + length;
    this.#isStuck = true;
    return true;
  }

  #scan(gatherer: Gatherer, place: Place, from: number): boolean {
    const { buffer } = this.#parts;
    const length = readSync(this.#descriptor, buffer, 0, LONGEST_ROW_BYTES, from);
    const end = buffer.subarray(0, length).indexOf(10) + 1;
    this.#scanned = from + (end || length);
    if (end === 0) return length > 0 || this.#end(gatherer, place, true);
    this.#unreadable(gatherer, place);
    const mark = markAfter('', buffer.subarray(0, end));
    this.#moveTo(gatherer, { ...place, offset: from + end, row: place.row + 1, next: place.row + 1, mark });
    return true;
  }

  #unreadable(gatherer: Gatherer, { file, row, next }: Place): void {
    if (row >= next) gatherer.lost(this.#origin(file), next, row + 1 - next, 'unreadable', null);
  }

  /** All was read. @param isTorn the last row has no end. @returns whether another file comes next */
  #end(gatherer: Gatherer, place: Place, isTorn: boolean): boolean {
    if (isTorn && (this.#files.isRotated || this.#isGone)) this.#unreadable(gatherer, place);
    const next = this.#files.advance();
    if (next === null) return this.#pause();
    this.#turnTo(gatherer, next.file, next.isTorn);
    return true;
  }

  #pause(): false {
    this.#isDone ||= this.#isGone;
    return false;
  }

  #cut(gatherer: Gatherer, before: Place): boolean {
    const found = identify(this.#descriptor);
    // Empty as yet.
    if (found === null) return this.#end(gatherer, before, false);
    const place = afterCut(found, before, derive);
    const after = { file: place.file, at: place.origin === undefined ? found.firstAt : null };
    gatherer.between(this.#origin(place.file), before, after, 'truncated');
    this.#files.renew(found);
    this.#seenSize = -1;
    this.#moveTo(gatherer, place);
    return true;
  }
}
