// A stream of one container's log from the engine, made again whenever it ends: with each start of the container, and after a
// while in any case. What has come waits here until it is read; the engine waits when that is much.
import type { Logger } from '#infra/logger.ts';
import { Bell } from '../bell.ts';
import type { Engine, LogStream } from '../docker.ts';
import { FrameReader, type LogEntry } from './frames.ts';

export interface Attached {
  /** What has come; null in place of what is no entry. Taken out by whoever reads. */
  readonly entries: (LogEntry | null)[];
  /** The container is gone, and nothing will come any more. */
  readonly hasEnded: boolean;
  /** All entries were taken out. */
  taken(): void;
  started(): void;
  gone(): void;
  close(): void;
}

interface Parts {
  readonly engine: Pick<Engine, 'logStream'>;
  readonly container: string;
  readonly hasTerminal: boolean;
  /** From when on. Called when all that has come was read. */
  askAgain(): string | null;
  readonly log: Pick<Logger, 'debug'>;
}

const MOST_WAITING = 8_192;
const MOST_WAITING_BYTES = 4 * 1024 * 1024;
const AGAIN_MS = 30_000;
const POLL_MS = 1_000;

export function attach({ engine, container, hasTerminal, askAgain, log }: Parts): Attached {
  const entries: (LogEntry | null)[] = [];
  const [room, again] = [new Bell(), new Bell()];
  let stream: LogStream | null = null;
  /** Of what came since all was read. */
  let waitingBytes = 0;
  let [isGone, isClosed, hasEnded] = [false, false, false];

  async function untilFewer(than: number): Promise<void> {
    while ((entries.length >= than || waitingBytes >= MOST_WAITING_BYTES) && !isClosed) await room.wait(POLL_MS);
  }

  async function once(): Promise<void> {
    const reader = new FrameReader(hasTerminal);
    stream = await engine.logStream(container, askAgain());
    if (isClosed) stream.destroy();
    for await (const bytes of stream) {
      entries.push(...reader.push(bytes));
      waitingBytes += bytes.length;
      await untilFewer(MOST_WAITING);
      if (isClosed) return;
    }
    const last = reader.end();
    if (last !== null) entries.push(last);
  }

  async function run(): Promise<void> {
    while (!isClosed && !hasEnded) {
      const wasGone = isGone;
      try {
        await once();
      } catch (error) {
        if (!isClosed) log.debug({ error, container }, 'the engine broke off a log');
      }
      await untilFewer(1);
      if (wasGone) hasEnded = true;
      else if (!isClosed && !isGone) await again.wait(AGAIN_MS);
    }
  }

  void run();
  return {
    entries,
    get hasEnded() {
      return hasEnded;
    },
    taken() {
      waitingBytes = 0;
      room.ring();
    },
    started: () => again.ring(),
    gone() {
      isGone = true;
      again.ring();
    },
    close() {
      isClosed = true;
      stream?.destroy();
      room.ring();
      again.ring();
    },
  };
}
