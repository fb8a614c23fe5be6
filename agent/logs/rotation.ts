// The files of one container's log, oldest first, from the one that is read to the one that is written. Each is opened as
// soon as it is seen: an engine that rotates faster than we read takes nothing away then.
import { type Chain, close, type LogFile, look, openNewer } from './log-file.ts';

/** Of files that the engine removed the disk is only free when we close them. */
const MOST_OPEN = 8;

export interface Next {
  readonly file: LogFile;
  /** The engine may have thrown files away between the one before and this one. */
  readonly isTorn: boolean;
}

export class Rotation {
  readonly #path: string;
  #current: LogFile | null = null;
  #newer: Next[] = [];
  #count = 0;

  constructor(path: string) {
    this.#path = path;
  }

  get current(): LogFile | null {
    return this.#current;
  }

  /** There is a file after the current one: nothing more is written to that. */
  get isRotated(): boolean {
    return this.#newer.length > 0;
  }

  /** Opens all there is. @returns the one with that id, which is current then; else null, and the oldest is */
  begin(id: string | null): LogFile | null {
    const chain = openNewer(this.#path, null);
    if (chain === null || chain.files.length === 0) return null;
    this.#count = chain.count;
    const at = chain.files.findIndex((file) => file.id === id);
    for (const file of chain.files.slice(0, Math.max(at, 0))) close(file);
    const [current = null, ...newer] = chain.files.slice(Math.max(at, 0));
    this.#current = current;
    this.#newer = newer.map((file) => ({ file, isTorn: false }));
    return at < 0 ? null : current;
  }

  /** Files that there were at the begin. */
  get count(): number {
    return this.#count;
  }

  /** Sees whether there are newer ones. @returns size of the current one where that is known for nothing; null when it is gone by name */
  watch(): number | null {
    const newest = this.#newer.at(-1)?.file ?? this.#current;
    if (newest === null) return null;
    const found = look(this.#path);
    if (found === null) return null;
    if (found.inode === newest.inode) return this.isRotated ? null : found.size;
    if (this.#newer.length < MOST_OPEN) this.#add(openNewer(this.#path, newest.inode));
    return null;
  }

  #add(chain: Chain | null): void {
    for (const [index, file] of (chain?.files ?? []).entries()) {
      this.#newer.push({ file, isTorn: index === 0 && (chain?.isTorn ?? false) });
    }
  }

  /** The next one, which is current then. */
  advance(): Next | null {
    const next = this.#newer.shift();
    if (next === undefined) return null;
    if (this.#current !== null) close(this.#current);
    this.#current = next.file;
    return next;
  }

  /** The current one has another content since. */
  renew(found: Pick<LogFile, 'id' | 'firstAt'>): void {
    if (this.#current !== null) this.#current = { ...this.#current, ...found };
  }

  close(): void {
    for (const { file } of this.#newer) close(file);
    if (this.#current !== null) close(this.#current);
    this.#newer = [];
    this.#current = null;
  }
}
