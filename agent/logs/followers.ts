// One reader a container, by its file or through the engine, and what becomes of its place when it is gone.
import type { Logger } from '#infra/logger.ts';
import type { Engine } from '../docker.ts';
import type { Redactor } from '../secrets/redactor.ts';
import type { Way } from './driver.ts';
import { EngineLog } from './engine-log.ts';
import type { Follower } from './follower.ts';
import type { Gatherer } from './gather.ts';
import { Row } from './row.ts';
import { type LogSource, type Place, stackLogs } from './source.ts';
import type { FollowedStack, FollowedStacks } from './stacks.ts';
import { BLOCK_BUFFER_BYTES, Tail } from './tail.ts';

interface Parts {
  readonly stacks: FollowedStacks;
  /** Where reading was left, by container. */
  readonly places: Map<string, Place>;
  redactor(stack: string): Redactor;
  readonly engine: Pick<Engine, 'logStream'>;
  /** Of a log that the engine is asked for. */
  newFile(): string;
  readonly log: Pick<Logger, 'warn' | 'info' | 'debug'>;
}

const BY_ENGINE = 'a log is read through the engine, which may lose lines when it rotates';

export function followers({ stacks, places, redactor, engine, newFile, log }: Parts) {
  const all = new Map<string, Follower>();
  const failing = new Set<string>();
  const told = new Set<string>();
  const [row, buffer] = [new Row(), Buffer.allocUnsafeSlow(BLOCK_BUFFER_BYTES)];
  /** Told of, and to be forgotten with the next batch. */
  const ended: Place[] = [];
  let start = 0;

  function make(source: LogSource, way: Way, stack: FollowedStack): Follower | null {
    const place = places.get(source.container) ?? null;
    if (way.kind === 'none') return null;
    const known = { source, place, logs: () => stack.logs, redactor: () => redactor(source.stack), rate: stack.rate };
    if (way.kind === 'file') return new Tail({ ...known, way, row, buffer });
    const { container, name, stack: of } = source;
    if (!told.has(container)) log.info({ container: name, stack: of, why: way.why }, BY_ENGINE);
    told.add(container);
    return new EngineLog({ ...known, hasTerminal: way.hasTerminal, engine, newFile, log });
  }

  /** Its stack is nobody's of the document any more; should it come back, reading goes on from here. */
  function leave(container: string, follower: Follower): void {
    if (follower.place !== null) places.set(container, follower.place);
    follower.close();
    all.delete(container);
  }

  return {
    get count() {
      return all.size;
    },
    onFound(source: LogSource, way: Way) {
      const stack = stacks.find(source.stack);
      const follower = stack && make(source, way, stack);
      if (follower) all.set(source.container, follower);
    },
    has: (container: string) => all.has(container),
    onStarted: (container: string) => all.get(container)?.started(),
    onGone: (container: string) => all.get(container)?.gone(),
    onListed(present: ReadonlySet<string>) {
      for (const [container, follower] of all) {
        if (!present.has(container)) follower.gone();
        else if (stacks.find(follower.source.stack) === null) leave(container, follower);
      }
      for (const [container, place] of places) {
        if (present.has(container) || all.has(container)) continue;
        places.delete(container);
        ended.push(place);
      }
    },
    /** Containers that went while nobody looked: what they wrote last may be lost. */
    tellEnded(gatherer: Gatherer) {
      for (const place of ended.splice(0)) {
        const { source } = place;
        const logs = stacks.find(source.stack)?.logs ?? stackLogs({ deployment: null });
        if (logs.collect !== 'off') gatherer.between({ source, logs }, place, { file: 'gone', at: null }, 'rotated');
        gatherer.forget(source.container);
      }
    },
    /** Each time another one is first, so that a flood of one holds up nobody. */
    inTurn(): readonly Follower[] {
      const list = [...all.values()];
      start = list.length === 0 ? 0 : (start + 1) % list.length;
      return [...list.slice(start), ...list.slice(0, start)];
    },
    read(follower: Follower, gatherer: Gatherer, now: number): boolean {
      const { container, name } = follower.source;
      try {
        const isMore = follower.read(gatherer, now);
        failing.delete(container);
        if (!follower.isDone) return isMore;
        follower.close();
        all.delete(container);
        told.delete(container);
        places.delete(container);
        gatherer.forget(container);
        return false;
      } catch (error) {
        if (!failing.has(container)) log.warn({ error, container: name }, "a container's log can not be read");
        failing.add(container);
        return false;
      }
    },
    stop() {
      for (const follower of all.values()) follower.close();
      all.clear();
    },
  };
}
