// All that matches, into a file. It goes page by page, and beside the file stands how far it came: what broke off goes on
// there, with the next try of the same command as well.
import { existsSync, readFileSync } from 'node:fs';
import { type FileHandle, open, rename, rm, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { LOG_PAGE_MAX, type LogFilter, type LogItem, type LogPage, logPage } from '#clients/sdk/logs.ts';
import { Problem } from '#clients/sdk/problem.ts';
import { EXIT, Failure } from '../failure.ts';
import { startSpinner } from '../progress/spinner.ts';
import type { Session } from '../session.ts';
import { rowOf } from './line.ts';

export type DownloadFormat = 'text' | 'ndjson';

export interface Download {
  readonly file: string;
  readonly format: DownloadFormat;
  /** What was said, times as they were typed: the same again goes on with what was begun. */
  readonly asked: string;
  readonly filter: LogFilter;
}

/** How far it came. */
interface Progress {
  readonly asked: string;
  /** With the times of the first try. */
  readonly filter: LogFilter;
  readonly cursor: string;
  readonly bytes: number;
  readonly count: number;
}

const TRIES = 60;
const LONGEST_PAUSE_MS = 15_000;
const wordsOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

function progressIn(path: string, asked: string): Progress | null {
  if (!existsSync(path)) return null;
  try {
    const read = JSON.parse(readFileSync(path, 'utf8')) as Partial<Progress>;
    const isWhole =
      typeof read.cursor === 'string' && Number.isSafeInteger(read.bytes) && typeof read.filter === 'object';
    return isWhole && read.asked === asked ? (read as Progress) : null;
  } catch {
    // Cut off while it was written: it begins anew.
    return null;
  }
}

const isPassing = (error: unknown) => error instanceof Problem && (error.status === 0 || error.status >= 500);

/** The core may start again meanwhile. @throws Problem that another try will not change */
async function patiently(session: Session, ask: () => Promise<LogPage>, say: (text: string) => void): Promise<LogPage> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await ask();
    } catch (error) {
      if (!isPassing(error) || tries === TRIES || session.signal.aborted) throw error;
      say(`${wordsOf(error)}; trying again`);
      await pause(Math.min(LONGEST_PAUSE_MS, 250 * 2 ** tries), undefined, { signal: session.signal });
    }
  }
}

const STYLE = { hasColours: false, timestamps: true, prefix: true, raw: false };

function textOf(items: readonly LogItem[], format: DownloadFormat, nameOf: (node: string) => string): string {
  const row = (item: LogItem) =>
    format === 'text' ? rowOf(item, nameOf(item.node), STYLE) : `${JSON.stringify(item)}\n`;
  return items.map(row).join('');
}

async function opened(path: string, isBegun: boolean): Promise<FileHandle> {
  try {
    return await open(path, isBegun ? 'r+' : 'w', 0o600);
  } catch (error) {
    throw new Failure(EXIT.usage, `${path} can't be written: ${wordsOf(error)}`);
  }
}

const stateText = (progress: Progress) => JSON.stringify(progress);

/** @returns how many items stand in the file */
export async function download(session: Session, wanted: Download, nameOf: (node: string) => string): Promise<number> {
  const { api, signal, note } = session;
  const path = resolve(session.folder, wanted.file);
  const [part, state] = [`${path}.part`, `${path}.part.json`];
  const begun = existsSync(part) ? progressIn(state, wanted.asked) : null;
  if (begun) note(`Going on after ${begun.count} lines.`);
  const filter = begun?.filter ?? wanted.filter;
  let cursor: string | null = begun?.cursor ?? null;
  let { bytes, count } = begun ?? { bytes: 0, count: 0 };
  const file = await opened(part, begun !== null);
  const spinner = startSpinner();
  try {
    await file.truncate(bytes);
    do {
      const at: { cursor?: string } = cursor === null ? {} : { cursor };
      const query = { ...filter, order: 'forward' as const, limit: LOG_PAGE_MAX, ...at };
      const page: LogPage = await patiently(session, () => logPage(api, query, signal), spinner.say);
      const text = Buffer.from(textOf(page.items, wanted.format, nameOf));
      await file.write(text, 0, text.length, bytes);
      bytes += text.length;
      count += page.items.length;
      cursor = page.nextCursor === cursor ? null : page.nextCursor;
      if (cursor !== null)
        await writeFile(state, stateText({ asked: wanted.asked, filter, cursor, bytes, count }), { mode: 0o600 });
      spinner.say(`${count} lines, ${Math.round(bytes / 1024)} kB`);
    } while (cursor !== null);
    await file.sync();
  } catch (error) {
    const hint = 'What came stands in it already; the same command goes on there.';
    if (signal.aborted) throw new Failure(EXIT.interrupted, `Stopped after ${count} lines.`, hint);
    throw error instanceof Problem
      ? error
      : new Failure(EXIT.failed, `${path} is not complete: ${wordsOf(error)}`, hint);
  } finally {
    spinner.stop();
    await file.close();
  }
  await rename(part, path);
  await rm(state, { force: true });
  return count;
}
