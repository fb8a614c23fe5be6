// Follows the logs of all managed containers and sends what they say: one loop reads them in turn, a block at a time.
import { randomBytes } from 'node:crypto';
import type { Logger } from '#infra/logger.ts';
import type { Bus } from '#infra/nats/bus.ts';
import type { DesiredDocument } from '#subjects/schema/desired.ts';
import type { Condition } from '#subjects/schema/report.ts';
import { Bell } from '../bell.ts';
import type { Engine } from '../docker.ts';
import type { Redactor } from '../secrets/redactor.ts';
import { followers } from './followers.ts';
import { Gatherer } from './gather.ts';
import { startOutgoing } from './outgoing.ts';
import { startRoster } from './roster.ts';
import { sender } from './sending.ts';
import { BatchSize } from './size.ts';
import { followedStacks } from './stacks.ts';
import { openLogStore } from './store.ts';
import { Waiters } from './waiters.ts';

/** What the agent lends. */
export interface LogsAround {
  readonly node: string;
  bus(): Pick<Bus, 'emit' | 'isConnected'> | null;
  document(): DesiredDocument | null;
  onCondition(type: Condition['type'], status: boolean, reason: string): void;
  readonly log: Logger;
  now(): number;
  random(): number;
}

export interface LogsParts extends LogsAround {
  readonly engine: Pick<Engine, 'composeContainers' | 'inspect' | 'events' | 'logStream'>;
  redactor(stack: string): Redactor;
  /** The database. */
  readonly file: string;
  readonly spoolBytes: number;
  newId(): string;
}

export interface LogShipping {
  documentChanged(): void;
  linkIsBack(): void;
  /** Resolves when all that the stack's containers have written was read, or after `CAUGHT_UP_MS`. */
  caughtUp(stack: string): Promise<void>;
  stop(): Promise<void>;
}

/** After the first line that waits. */
const GATHER_MS = 200;
/** While something was read a moment ago, and while nothing was. */
const [BUSY_MS, QUIET_MS] = [20, 100];
const QUIET_AFTER_MS = 1_000;
/** Heartbeats and stacks have their turn between two logs. */
const LONGEST_TURN_MS = 20;
const CONDITIONS_MS = 1_000;
const BEHIND_MS = 30_000;
const STOP_MS = 2_000;

const breathe = () => new Promise((resolve) => setImmediate(resolve));

/** @throws when the database can't be opened: the disk */
export function ship(parts: LogsParts): LogShipping {
  const { log, now, bus } = parts;
  const size = new BatchSize();
  const store = openLogStore(parts.file, { log, now });
  const isConnected = () => bus()?.isConnected ?? false;
  const sending = sender({ node: parts.node, epoch: parts.newId(), bus, size, log });
  const outgoing = startOutgoing({ ...parts, store, sender: sending, isConnected });
  const gatherer = new Gatherer();
  const newFile = () => randomBytes(16).toString('hex');
  const stacks = followedStacks(parts.document);
  const followed = followers({ ...parts, stacks, places: new Map(store.places()), newFile });
  const roster = startRoster({
    engine: parts.engine,
    log,
    isWanted: (stack) => stacks.find(stack) !== null,
    ...followed,
  });
  const bell = new Bell();
  const waiters = new Waiters();
  let isStopping = false;
  let [firstAt, busyAt, conditionsAt] = [0, 0, 0];

  function flush(): void {
    firstAt = 0;
    outgoing.push(gatherer.take());
  }

  /** @returns whether there is more to read at once */
  async function turn(at: number): Promise<boolean> {
    let isMore = false;
    let begun = performance.now();
    const behind = new Set<string>();
    const read = waiters.begin();
    followed.tellEnded(gatherer);
    for (const follower of followed.inTurn()) {
      if (performance.now() - begun > LONGEST_TURN_MS) {
        await breathe();
        begun = performance.now();
      }
      // It may have gone meanwhile.
      if (!followed.has(follower.source.container)) continue;
      if (!outgoing.hasRoom(at) || !outgoing.takes(follower.source.container, followed.count)) {
        follower.watch(outgoing.isFull);
        behind.add(follower.source.stack);
        continue;
      }
      const before = gatherer.size;
      const hasMore = followed.read(follower, gatherer, at);
      if (hasMore) behind.add(follower.source.stack);
      isMore ||= hasMore;
      if (gatherer.size !== before) busyAt = at;
      if (gatherer.size >= size.enough || gatherer.isFull) flush();
    }
    read(behind);
    return isMore;
  }

  function tellConditions(at: number): void {
    if (at < conditionsAt) return;
    conditionsAt = at + CONDITIONS_MS;
    const since = outgoing.waitsSince;
    const isBehind = since !== null && at - since > BEHIND_MS;
    const why = outgoing.isFull ? 'the spool is full, and reading has paused' : 'log lines wait for the core';
    parts.onCondition('logs-behind', isBehind || outgoing.isFull, why);
    const { failure } = outgoing;
    parts.onCondition('logs-unwritable', failure !== null, `the disk takes no log lines: ${failure ?? ''}`);
  }

  async function pass(at: number): Promise<boolean> {
    const isMore = await turn(at);
    const isWaiting = !gatherer.isEmpty || gatherer.hasPlaces;
    if (isWaiting && firstAt === 0) firstAt = at;
    if (isWaiting && at - firstAt >= GATHER_MS && outgoing.hasRoom(at)) flush();
    outgoing.tick(at);
    tellConditions(at);
    return isMore && outgoing.hasRoom(at);
  }

  async function run(): Promise<void> {
    while (!isStopping) {
      let isMore = false;
      try {
        isMore = await pass(now());
      } catch (error) {
        log.warn({ error }, 'reading logs failed');
      }
      // Others have their turn between blocks, however much there is to read.
      if (isMore) await breathe();
      else if (!isStopping) await bell.wait(now() - busyAt < QUIET_AFTER_MS ? BUSY_MS : QUIET_MS);
    }
  }

  const done = run();
  return {
    documentChanged: () => roster.lookSoon(),
    linkIsBack: () => outgoing.linkIsBack(),
    caughtUp(stack) {
      bell.ring();
      return waiters.caughtUp(stack);
    },
    async stop() {
      isStopping = true;
      bell.ring();
      await Promise.all([done, roster.stop()]);
      const until = now() + STOP_MS;
      await turn(now());
      if (!gatherer.isEmpty || gatherer.hasPlaces) flush();
      while (isConnected() && !outgoing.isIdle && now() < until) {
        outgoing.tick(now());
        await new Promise((resolve) => setTimeout(resolve, BUSY_MS));
      }
      waiters.stop();
      outgoing.stop();
      followed.stop();
      store.close();
    },
  };
}
