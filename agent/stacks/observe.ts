// Looks at the engine: one list, and an inspect only of containers that changed since the last look.
import * as z from 'zod/mini';
import { type Engine, type InspectedContainer, type ListedContainer, PROJECT_LABEL } from '../docker.ts';
import type { SeenContainer } from './model.ts';

export interface Observer {
  containers(): Promise<SeenContainer[]>;
  /** Something happened to it: the next look inspects it again. */
  changed(id: string): void;
  /** Events may have been missed. */
  forgetAll(): void;
}

/** As many inspects at a time; the engine answers them one after the other anyway. */
const AT_ONCE = 8;

export function observer(engine: Pick<Engine, 'composeContainers' | 'inspect'>): Observer {
  const known = new Map<string, { summary: string; seen: SeenContainer }>();
  /** Counts marks, so that one that is set while an inspect is under way is not lost. */
  const marks = new Map<string, number>();

  async function look(listed: ListedContainer): Promise<SeenContainer | null> {
    // The text tells uptime too, so only the parts that stand for a change are compared.
    const summary = `${listed.State} ${/\((?:healthy|unhealthy|health: starting)\)/.exec(listed.Status)?.[0] ?? ''}`;
    const before = known.get(listed.Id);
    const mark = marks.get(listed.Id);
    if (before?.summary === summary && mark === undefined) return before.seen;
    const inspected = await engine.inspect(listed.Id);
    if (inspected === null) return null;
    const seen = seenContainer(listed, inspected);
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
      for (const id of [...known.keys(), ...marks.keys()]) {
        if (present.has(id)) continue;
        known.delete(id);
        marks.delete(id);
      }
      return found;
    },
    changed: (id) => void marks.set(id, (marks.get(id) ?? 0) + 1),
    forgetAll: () => known.clear(),
  };
}

/** `docker compose run`: somebody's own errand, not part of the stack. */
function isOneOff(labels: Readonly<Record<string, string>>): boolean {
  return labels['com.docker.compose.oneoff'] === 'True';
}

const State = z.enum(['created', 'running', 'restarting', 'paused', 'exited', 'dead', 'removing']);
const Health = z.enum(['starting', 'healthy', 'unhealthy']);
const Policy = z.enum(['no', 'always', 'unless-stopped', 'on-failure']);

export function seenContainer(listed: Pick<ListedContainer, 'Labels'>, inspected: InspectedContainer): SeenContainer {
  const { State: state, HostConfig, Config } = inspected;
  const status = State.safeParse(state.Status);
  const health = Health.safeParse(state.Health?.Status);
  const policy = Policy.safeParse(HostConfig.RestartPolicy?.Name);
  const startedAt = Date.parse(state.StartedAt);
  return {
    id: inspected.Id,
    name: inspected.Name.replace(/^\//, ''),
    stack: listed.Labels[PROJECT_LABEL] ?? '',
    service: listed.Labels['com.docker.compose.service'] ?? '',
    image: Config.Image,
    state: status.success ? status.data : 'dead',
    // The engine keeps the last health of a container that runs no more.
    health: health.success && state.Running ? health.data : null,
    exitCode: state.Status === 'exited' || state.Status === 'restarting' ? state.ExitCode : null,
    oomKilled: state.OOMKilled,
    restarts: inspected.RestartCount,
    startedAt: Number.isFinite(startedAt) && startedAt > 0 ? startedAt : null,
    restartPolicy: policy.success ? policy.data : 'no',
  };
}
