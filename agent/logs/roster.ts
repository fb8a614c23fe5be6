// Which containers there are to follow: those of stacks of the document, from their start until they are removed and read to
// the end.
import type { Logger } from '#infra/logger.ts';
import type { Stoppable } from '#infra/nats/bus.ts';
import { Bell } from '../bell.ts';
import { type Engine, type EngineEvent, type ListedContainer, PROJECT_LABEL } from '../docker.ts';
import { type Way, wayTo } from './driver.ts';
import type { LogSource } from './source.ts';

export interface RosterParts {
  readonly engine: Pick<Engine, 'composeContainers' | 'inspect' | 'events'>;
  isWanted(stack: string): boolean;
  /** Is followed already. */
  has(container: string): boolean;
  onFound(source: LogSource, way: Way): void;
  /** It runs again. */
  onStarted(container: string): void;
  onGone(container: string): void;
  /** All that the engine has, of whatever stack. */
  onListed(containers: ReadonlySet<string>): void;
  readonly log: Pick<Logger, 'debug' | 'warn'>;
}

/** An event that was missed is made good by then. */
const LOOK_MS = 10_000;
const RETRY_MS = 1_000;
const LONGEST_NAME = 255;

export function startRoster(parts: RosterParts): Stoppable & { lookSoon(): void } {
  const { engine, log } = parts;
  const bell = new Bell();
  let isStopping = false;
  /** Said once each. */
  const failing = new Set<string>();

  function onEvent({ type, action, id, attributes }: EngineEvent): void {
    if (type !== 'container' || attributes[PROJECT_LABEL] === undefined) return;
    if (action === 'destroy') {
      parts.onGone(id);
    } else if (action === 'start') {
      if (parts.has(id)) parts.onStarted(id);
      else bell.ring();
    }
  }

  async function find({ Id, Labels }: ListedContainer): Promise<void> {
    const stack = Labels[PROJECT_LABEL] ?? '';
    const isOneOff = Labels['com.docker.compose.oneoff'] === 'True';
    if (parts.has(Id) || isOneOff || !parts.isWanted(stack)) return;
    const inspected = await engine.inspect(Id);
    if (inspected === null) return;
    const way = wayTo(inspected);
    const isStarted = !inspected.State.StartedAt.startsWith('0001-');
    // A container that never ran has no log; its start is an event.
    if (!isStarted || isStopping) return;
    const name = inspected.Name.replace(/^\//, '').slice(0, LONGEST_NAME) || Id.slice(0, 12);
    // Anybody can label a container.
    const service = (Labels['com.docker.compose.service'] || name).slice(0, LONGEST_NAME);
    parts.onFound({ container: Id, name, stack, service }, way);
  }

  async function look(): Promise<void> {
    const listed = await engine.composeContainers();
    parts.onListed(new Set(listed.map(({ Id }) => Id)));
    for (const container of listed) {
      if (isStopping) return;
      // What the engine does not say of one container must not hide those after it.
      await find(container).then(
        () => failing.delete(container.Id),
        (error: unknown) => {
          if (!failing.has(container.Id)) log.warn({ error, container: container.Id }, 'a log could not be looked for');
          failing.add(container.Id);
        },
      );
    }
    for (const id of failing) if (!listed.some(({ Id }) => Id === id)) failing.delete(id);
  }

  async function run(): Promise<void> {
    while (!isStopping) {
      let wait = LOOK_MS;
      try {
        await look();
      } catch (error) {
        log.debug({ error }, 'the engine does not say which logs there are');
        wait = RETRY_MS;
      }
      if (!isStopping) await bell.wait(wait);
    }
  }

  const events = engine.events(onEvent, () => bell.ring());
  const done = run();
  return {
    lookSoon: () => bell.ring(),
    async stop() {
      isStopping = true;
      bell.ring();
      await events.stop();
      await done;
    },
  };
}
