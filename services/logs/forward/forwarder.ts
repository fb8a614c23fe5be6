// Hands stored lines on to another engine, at least once each: the position moves only when they were taken, and lies in the
// database, so that another replica or a later start goes on from there. It begins with the oldest line that is held.
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from '#infra/logger.ts';
import type { Stoppable } from '#infra/nats/bus.ts';
import { ask } from '#infra/outbound/ask.ts';
import type { Database } from '#infra/postgres/orm.ts';
import { OverseerError } from '#subjects/errors.ts';
import { type LogEntry, unpackedBytes } from '../entry.ts';
import { contentOf, itemOf } from '../read/items.ts';
import { arrivedAfter } from '../store/entries.ts';
import { holdPosition, known, moveTo, tellFault } from '../store/forwards.ts';
import { headersIn, type Verdict, verdictOn, waitAfter } from './answer.ts';
import type { Encode } from './encode.ts';

export interface Target {
  readonly name: string;
  readonly url: URL;
  /** With rows `Name: value`; read anew each time. */
  readonly headersFile: string | null;
  readonly encode: Encode;
}

const LOOK_MS = 1_000;
const ENTRIES = 32;
const MOST_BYTES = 4 * 1024 * 1024;
const ANSWER_MS = 15_000;

/** As many as go in one request; one at least. */
function firstOf(entries: readonly LogEntry[]): LogEntry[] {
  let bytes = 0;
  const past = entries.findIndex((entry, index) => {
    bytes += unpackedBytes(entry);
    return index > 0 && bytes > MOST_BYTES;
  });
  return entries.slice(0, past < 0 ? entries.length : past);
}

/** @throws OverseerError that tells nothing of what the file holds */
function headersOf({ headersFile }: Target): Record<string, string> {
  if (headersFile === null) return {};
  let text: string;
  try {
    text = readFileSync(headersFile, 'utf8');
  } catch {
    throw new OverseerError('unavailable', `the file of headers ${headersFile} can't be read`);
  }
  const headers = headersIn(text);
  if (headers === null) throw new OverseerError('invalid-input', `a row of ${headersFile} is no header`);
  return headers;
}

/** Never throws: within a transaction a connection that is refused looks as if the database had refused it. */
async function sent(target: Target, entries: readonly LogEntry[], signal: AbortSignal): Promise<Verdict> {
  const told = entries.flatMap(contentOf).map((found) => ({ at: found.at, item: itemOf(found) }));
  try {
    const { status, body } = await ask(target.url, {
      method: 'POST',
      headers: { ...headersOf(target), 'content-type': 'application/json' },
      body: Buffer.from(JSON.stringify(target.encode(told))),
      timeoutMs: ANSWER_MS,
      signal,
    });
    return verdictOn(status, body.toString('utf8'));
  } catch (error) {
    return { type: 'later', why: error instanceof Error ? error.message : 'it failed in an unexpected way' };
  }
}

const linesOf = (entries: readonly LogEntry[]) => entries.reduce((sum, { lines }) => sum + lines, 0);

interface Step {
  readonly isMore: boolean;
  /** Why nothing moved. */
  readonly fault: string | null;
}

const IDLE: Step = { isMore: false, fault: null };

/** @param most 1: after a refusal, so that only the lines that are refused are left out */
function step(
  database: Database,
  target: Target,
  most: number,
  signal: AbortSignal,
): Promise<Step & { refused: boolean }> {
  return database.transaction(async (em) => {
    const position = await holdPosition(em, target.name);
    const found = position === null ? [] : await arrivedAfter(em, null, position, most);
    const entries = firstOf(found);
    const last = entries.at(-1);
    if (!last) return { ...IDLE, refused: false };
    const verdict = await sent(target, entries, signal);
    if (verdict.type === 'later') return { isMore: false, fault: verdict.why, refused: false };
    const isRefused = verdict.type === 'refused';
    if (isRefused && entries.length > 1) return { isMore: true, fault: null, refused: true };
    const refused = verdict.type === 'taken' ? verdict.refused : linesOf(entries);
    const told = isRefused ? `refused: ${verdict.why}` : refused > 0 ? `refused: ${refused} lines` : null;
    await moveTo(em, target.name, last.id, refused, told);
    return { isMore: found.length === most || entries.length < found.length, fault: null, refused: false };
  });
}

export function forward(database: Database, target: Target, log: Logger): Stoppable {
  const stopping = new AbortController();
  const { signal } = stopping;

  async function tell(fault: string): Promise<void> {
    log.warn({ target: target.name, fault }, 'log lines could not be handed on');
    await database.transaction((em) => tellFault(em, target.name, fault)).catch(() => {});
  }

  async function run(): Promise<void> {
    let failures = 0;
    /** So many go one by one after a refusal. */
    let single = 0;
    let isKnown = false;
    while (!signal.aborted) {
      let wait = LOOK_MS;
      try {
        if (!isKnown) await database.transaction((em) => known(em, target.name));
        isKnown = true;
        const made = await step(database, target, single > 0 ? 1 : ENTRIES, signal);
        if (signal.aborted) break;
        single = made.refused ? ENTRIES : Math.max(0, single - 1);
        failures = made.fault === null ? 0 : failures + 1;
        if (made.fault !== null) await tell(made.fault);
        if (made.isMore) wait = 0;
      } catch (error) {
        if (signal.aborted) break;
        failures += 1;
        await tell(error instanceof Error ? error.message : String(error));
      }
      if (failures > 0) wait = waitAfter(failures);
      await pause(wait, undefined, { signal }).catch(() => {});
    }
  }

  const done = run();
  return {
    async stop() {
      stopping.abort();
      await done;
    },
  };
}
