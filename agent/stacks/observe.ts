// Looks at the engine: one list, and an inspect only of containers that changed since the last look.
import { type Engine, type EngineEvent, type ListedContainer, PROJECT_LABEL } from '../docker.ts';
import type { SeenContainer } from './model.ts';
import { seenContainer } from './seen-container.ts';

export interface Observer {
  containers(): Promise<SeenContainer[]>;
  /** Something happened to it: the next look inspects it again. */
  happened(event: EngineEvent): void;
  /** Events may have been missed. */
  forgetAll(): void;
}

/** As many inspects at a time; the engine answers them one after the other anyway. */
const AT_ONCE = 8;
/** INT, QUIT, KILL, TERM: who sends one of these wants it to end. */
const ENDING_SIGNALS = ['2', '3', '9', '15'];

/** What only events tell of a container. */
interface Heard {
  isStopAsked: boolean;
  isOutOfMemory: boolean;
  lastExit: SeenContainer['lastExit'];
}

export function observer(engine: Pick<Engine, 'composeContainers' | 'inspect'>): Observer {
  const known = new Map<string, { summary: string; seen: SeenContainer }>();
  /** Each mark is another, so that one that is set while an inspect is under way is not lost. */
  const marks = new Map<string, number>();
  let lastMark = 0;
  const heard = new Map<string, Heard>();

  async function look(listed: ListedContainer): Promise<SeenContainer | null> {
    // The text tells uptime too, so only the parts that stand for a change are compared.
    const health = /\((?:healthy|unhealthy|health: starting)\)/.exec(listed.Status)?.[0] ?? '';
    const summary = `${listed.State} ${health} ${listed.Names[0] ?? ''}`;
    const before = known.get(listed.Id);
    const mark = marks.get(listed.Id);
    if (before?.summary === summary && mark === undefined) return before.seen;
    const inspected = await engine.inspect(listed.Id);
    if (inspected === null) return null;
    const seen = withHearsay(seenContainer(listed, inspected), heard.get(listed.Id));
    if (marks.get(listed.Id) === mark) {
      marks.delete(listed.Id);
      known.set(listed.Id, { summary, seen });
    }
    return seen;
  }

  return {
    async containers() {
      const listed = (await engine.composeContainers()).filter(({ Labels }) => !isOneOff(Labels));
      const found: SeenContainer[] = [];
      for (let at = 0; at < listed.length; at += AT_ONCE) {
        const looked = await Promise.all(listed.slice(at, at + AT_ONCE).map(look));
        found.push(...looked.filter((seen) => seen !== null));
      }
      const present = new Set(listed.map(({ Id }) => Id));
      for (const id of [...known.keys(), ...marks.keys(), ...heard.keys()]) {
        if (present.has(id)) continue;
        known.delete(id);
        marks.delete(id);
        heard.delete(id);
      }
      return found;
    },
    happened(event) {
      const { id, attributes } = event;
      if (event.type !== 'container' || attributes[PROJECT_LABEL] === undefined) return;
      lastMark += 1;
      marks.set(id, lastMark);
      const known = heard.get(id) ?? { isStopAsked: false, isOutOfMemory: false, lastExit: null };
      heard.set(id, hear(known, event));
    },
    forgetAll() {
      known.clear();
      for (const [id, { lastExit }] of heard) heard.set(id, { isStopAsked: false, isOutOfMemory: false, lastExit });
    },
  };
}

function hear(before: Heard, { action, attributes }: EngineEvent): Heard {
  switch (action) {
    case 'start':
      return { ...before, isStopAsked: false, isOutOfMemory: false };
    case 'stop':
      return { ...before, isStopAsked: true };
    case 'kill':
      return { ...before, isStopAsked: before.isStopAsked || ENDING_SIGNALS.includes(attributes['signal'] ?? '') };
    case 'oom':
      return { ...before, isOutOfMemory: true };
    case 'die': {
      const code = Number.parseInt(attributes['exitCode'] ?? '', 10);
      return { ...before, lastExit: { code: Number.isInteger(code) ? code : null, oom: before.isOutOfMemory } };
    }
    default:
      return before;
  }
}

function withHearsay(seen: SeenContainer, hearsay: Heard | undefined): SeenContainer {
  if (hearsay === undefined) return seen;
  const { isStopAsked, isOutOfMemory, lastExit } = hearsay;
  const oomKilled = seen.oomKilled || (isOutOfMemory && seen.state !== 'running');
  return { ...seen, oomKilled, isStopAsked, lastExit: seen.lastExit ?? lastExit };
}

/** `docker compose run`: somebody's own errand, not part of the stack. */
function isOneOff(labels: Readonly<Record<string, string>>): boolean {
  return labels['com.docker.compose.oneoff'] === 'True';
}
