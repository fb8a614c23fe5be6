// The link to the core: made, kept, made again. After every connect the same things happen in the same order: listen for
// pushes and commands, read the document once, tell what was kept, say hello. With no core at all nothing here matters:
// the node goes by the document it holds.
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from '#infra/logger.ts';
import type { Bus, BusStatus } from '#infra/nats/bus.ts';
import { OverseerError } from '#subjects/errors.ts';
import type { SignedCheckpoint } from '#subjects/schema/checkpoint.ts';
import type { Hello } from '#subjects/schema/node.ts';
import type { CommandJournal } from './commands.ts';
import type { HeldDocument } from './desired/held.ts';
import { newestPush } from './desired/newest-push.ts';
import type { Renewal } from './renewal.ts';

export interface SessionParts {
  readonly node: string;
  /** One attempt. @throws OverseerError `unauthorized` or `unavailable` */
  connect(): Promise<Bus>;
  readonly renewal: Renewal;
  readonly held: HeldDocument;
  readonly commands: CommandJournal;
  hello(): Promise<Hello>;
  /** The core's clock, as told in answer to hello. */
  onCoreTime(time: string): void;
  /** Of the audit. */
  onCheckpoint(signed: SignedCheckpoint): void;
  /** Everything that waited for a link may go. */
  onLink(): void;
  readonly log: Pick<Logger, 'info' | 'warn' | 'debug'>;
  random(): number;
}

export interface Session {
  bus(): Bus | null;
  /** Reads the document again. */
  refresh(): void;
  stop(): Promise<void>;
}

const FIRST_WAIT_MS = 500;
/** As long as the client itself waits at most between tries once it has been connected. */
const LONGEST_WAIT_MS = 4_000;
const HELLO_RETRY_MS = 5_000;

export function startSession(parts: SessionParts): Session {
  const { node, log, held, renewal } = parts;
  const stopping = new AbortController();
  let current: Bus | null = null;
  /** Grows with every link, so that work for an earlier one ends. */
  let link = 0;

  const rest = (milliseconds: number) => pause(milliseconds, undefined, { signal: stopping.signal }).catch(() => {});

  async function read(bus: Bus): Promise<void> {
    const stored = await bus.read('desired', { node });
    log.info({ generation: stored?.generation ?? null }, 'desired document read');
    if (stored) await held.offer(stored.payload);
  }

  /** Tried until it succeeds or the link it was for is gone. */
  async function insist(own: number, what: string, work: () => Promise<void>, waitMs: number): Promise<void> {
    while (own === link && !stopping.signal.aborted) {
      try {
        return await work();
      } catch (error) {
        log.debug({ error }, `${what} failed, trying again`);
        await rest(waitMs * (0.75 + parts.random() / 2));
      }
    }
  }

  async function greet(bus: Bus): Promise<void> {
    link += 1;
    const own = link;
    await insist(
      own,
      'reading the desired document',
      async () => {
        await bus.flush();
        // A flush that hung with the old link may end with the new one, whose own greeting reads.
        if (own === link) await read(bus);
      },
      FIRST_WAIT_MS,
    );
    if (own !== link) return;
    parts.onLink();
    // The registry may be away while the bus is there: nothing else waits for it.
    await insist(
      own,
      'hello',
      async () => {
        const { time } = await bus.request('hello', { node }, await parts.hello());
        parts.onCoreTime(time);
      },
      HELLO_RETRY_MS,
    );
  }

  /** Resolves when this connection is over for good. */
  function follow(bus: Bus): Promise<void> {
    const over = Promise.withResolvers<void>();
    let isUp = false;
    const take = newestPush(
      () => bus.flush(),
      (payload) =>
        void held.offer(payload).catch((error: unknown) => log.warn({ error }, 'a document could not be kept')),
    );
    bus.watch('desired', { node }, take);
    bus.listen('checkpoint', parts.onCheckpoint);
    parts.commands.serve(bus);
    bus.onStatus((status: BusStatus) => {
      switch (status.type) {
        case 'connected':
        case 'reconnected':
          // After failed tries the client tells several times of one link.
          if (isUp) return;
          isUp = true;
          log.info('connected to the core');
          void greet(bus).catch((error: unknown) => log.warn({ error }, 'greeting the core failed'));
          return;
        case 'disconnected':
          if (isUp) log.info('the link to the core is gone; going on by what is held');
          isUp = false;
          link += 1;
          return;
        case 'unauthorized':
          log.warn({ reason: status.reason }, 'the core refuses the credential');
          void renewal.reauthenticate().then((outcome) => (outcome === 'revoked' ? bus.close() : undefined));
          return;
        case 'refused':
          return;
        case 'closed':
          over.resolve();
          return;
        default:
          status satisfies never;
      }
    });
    return over.promise;
  }

  /** @returns how long to wait before the next one */
  async function once(failures: number): Promise<number> {
    try {
      if (renewal.hasExpired() && (await renewal.reauthenticate()) !== 'renewed') return renewal.waitMs();
      current = await parts.connect();
      if (stopping.signal.aborted) return 0;
      await follow(current);
      return FIRST_WAIT_MS;
    } catch (error) {
      if (failures === 0) log.info({ reason: reasonOf(error) }, 'the core is not there; going on by what is held');
      const isRefused = error instanceof OverseerError && error.code === 'unauthorized';
      if (isRefused && (await renewal.reauthenticate()) === 'revoked') return renewal.waitMs();
      return Math.min(FIRST_WAIT_MS * 2 ** failures, LONGEST_WAIT_MS);
    }
  }

  async function run(): Promise<void> {
    for (let failures = 0; !stopping.signal.aborted; failures += 1) {
      const longest = await once(failures);
      if (current !== null) failures = 0;
      link += 1;
      await current?.close().catch(() => {});
      current = null;
      await rest(longest * (0.25 + 0.75 * parts.random()));
    }
  }

  const done = run();
  return {
    bus: () => current,
    refresh() {
      const bus = current;
      if (bus) void read(bus).catch((error: unknown) => log.debug({ error }, 'reading the desired document failed'));
    },
    async stop() {
      stopping.abort();
      link += 1;
      await current?.close().catch(() => {});
      await done;
    },
  };
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
