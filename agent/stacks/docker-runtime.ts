// The runtime over a real Docker Engine: observes by the Engine API, changes by Compose.
import { type Engine, type EngineEvent, PROJECT_LABEL } from '../docker.ts';
import type { Compose } from './compose.ts';
import { execute } from './execute.ts';
import type { StackFolders } from './folder.ts';
import { observer } from './observe.ts';
import type { RuntimeEvent, StackRuntime } from './runtime.ts';

type Action = Extract<RuntimeEvent, { type: 'container' }>['action'];

const ACTIONS: Readonly<Record<string, Action>> = {
  start: 'started',
  die: 'died',
  oom: 'oom',
  destroy: 'removed',
  'health_status: healthy': 'healthy',
  'health_status: unhealthy': 'unhealthy',
};

export function runtimeEvent({ action, id, attributes }: EngineEvent): RuntimeEvent | null {
  const stack = attributes[PROJECT_LABEL];
  if (stack === undefined || attributes['com.docker.compose.oneoff'] === 'True') return null;
  const known = ACTIONS[action];
  // Paused and the like: nothing to tell, but something to look at.
  if (known === undefined) return { type: 'resync' };
  const exitCode = attributes['exitCode'] === undefined ? null : Number.parseInt(attributes['exitCode'], 10);
  return {
    type: 'container',
    stack,
    service: attributes['com.docker.compose.service'] ?? '',
    container: attributes['name'] ?? id.slice(0, 12),
    id,
    action: known,
    exitCode: exitCode !== null && Number.isInteger(exitCode) ? exitCode : null,
  };
}

export function dockerRuntime(parts: { engine: Engine; compose: Compose; folders: StackFolders }): StackRuntime {
  const { engine, compose, folders } = parts;
  const watched = observer(engine);
  return {
    async observe({ images }) {
      const [containers, present] = await Promise.all([
        watched.containers(),
        Promise.all(images.map((image) => engine.hasImage(image))),
      ]);
      return { containers, missingImages: new Set(images.filter((_, index) => present[index] === false)) };
    },
    execute: (step, io) => execute(step, { compose, folders }, io),
    applied: (stack) => folders.noteApplied(stack),
    events: (handle) =>
      engine.events(
        (raw) => {
          watched.changed(raw.id);
          const event = runtimeEvent(raw);
          if (event) handle(event);
        },
        () => {
          watched.forgetAll();
          handle({ type: 'resync' });
        },
      ),
    async versions() {
      const [dockerVersion, composeVersion] = await Promise.all([
        engine.version().catch(() => null),
        compose.version().catch(() => null),
      ]);
      return { ...(dockerVersion ? { dockerVersion } : {}), ...(composeVersion ? { composeVersion } : {}) };
    },
  };
}
