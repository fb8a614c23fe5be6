// One reader of a live stream: stored messages first, then those that come, without a hole and without a double. A reader
// that can't keep up holds a bounded queue; what overflows is read from the store again when its turn comes.
import { setTimeout as pause } from 'node:timers/promises';
import type { Bus, LiveMessage } from '#infra/nats/bus.ts';
import type { StreamName } from '#subjects/define.ts';

const QUEUE_MAX = 512;
const PAGE = 256;
/** A replica may answer from behind; then it is asked again. */
const STALE_PAUSE_MS = 100;
const STALE_TRIES = 20;
/** Of a stream that was made anew, no more than this is told to a reader that knew the old one. */
const REPLAY_MAX = 10_000;

export class Reader {
  readonly #bus: Bus;
  readonly #stream: StreamName;
  readonly #queue: LiveMessage[] = [];
  #sent = 0;
  #seen = 0;
  #isBehind = true;
  #wake: () => void = () => {};

  constructor(bus: Bus, stream: StreamName) {
    this.#bus = bus;
    this.#stream = stream;
  }

  /** A message that was just stored. */
  take(message: LiveMessage): void {
    this.#seen = Math.max(this.#seen, message.streamSequence);
    if (this.#queue.length >= QUEUE_MAX) this.fallBehind();
    else this.#queue.push(message);
    this.#wake();
  }

  /** Something may have been missed: the store is asked. */
  fallBehind(): void {
    this.#queue.length = 0;
    this.#isBehind = true;
    this.#wake();
  }

  /** Those after `from` until the signal; the consumer's pace is ours. */
  async *read(from: number, signal: AbortSignal): AsyncGenerator<LiveMessage, void, undefined> {
    this.#sent = from;
    const wake = () => this.#wake();
    signal.addEventListener('abort', wake);
    try {
      while (!signal.aborted) {
        if (this.#isBehind) {
          // Before the store is asked, so that nothing falls between its answer and the queue.
          this.#isBehind = false;
          this.#queue.length = 0;
          yield* this.#stored(signal);
          continue;
        }
        const next = this.#queue.shift();
        if (next === undefined) await this.#woken(signal);
        else if (next.streamSequence > this.#sent + 1) this.fallBehind();
        else if (next.streamSequence > this.#sent) yield this.#passed(next);
      }
    } finally {
      signal.removeEventListener('abort', wake);
    }
  }

  async *#stored(signal: AbortSignal): AsyncGenerator<LiveMessage, void, undefined> {
    /** End of the stream as it was before it was asked the last time. */
    let end = 0;
    for (let tries = 0; !signal.aborted; ) {
      const { messages, lastSequence } = await this.#bus.history(this.#stream, this.#sent + 1, PAGE);
      for (const message of messages) {
        if (signal.aborted) return;
        yield this.#passed(message);
      }
      if (messages.length > 0) {
        tries = 0;
      } else if (lastSequence < Math.max(this.#sent, this.#seen) && tries < STALE_TRIES) {
        tries += 1;
        await pause(STALE_PAUSE_MS, undefined, { signal }).catch(() => {});
      } else if (lastSequence < this.#sent) {
        // The stream was made anew.
        this.#sent = Math.max(0, lastSequence - REPLAY_MAX);
        this.#seen = lastSequence;
      } else if (end > this.#sent) {
        // Up to there nobody can read what is stored: it was asked for after it was there.
        this.#sent = end;
      } else if (lastSequence === this.#sent) {
        return;
      } else {
        // The end is told after the page was read; what lies between may have come in the meantime.
        end = lastSequence;
      }
    }
  }

  #passed(message: LiveMessage): LiveMessage {
    this.#sent = message.streamSequence;
    return message;
  }

  #woken(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      if (this.#queue.length > 0 || this.#isBehind || signal.aborted) resolve();
    });
  }
}
