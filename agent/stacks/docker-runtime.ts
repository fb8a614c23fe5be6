// The runtime over a real Docker Engine: observes by the Engine API, changes by Compose.
import type { Forbidden } from '#infra/compose/policy.ts';
import { type Engine, type EngineEvent, PROJECT_LABEL } from '../docker.ts';
import { imageOwners } from '../secrets/owner.ts';
import type { SecretRoom } from '../secrets/room.ts';
import type { Compose } from './compose.ts';
import { execute } from './execute.ts';
import { LAST_LINES, logLines } from './failure.ts';
import type { StackFolders } from './folder.ts';
import { tagged } from './images.ts';
import type { ChangedFile, SeenContainer } from './model.ts';
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

/** A hand-made change that no event tells of is seen within twice this. */
const REST_MS = 4_000;

export function runtimeEvent({ type, action, id, attributes }: EngineEvent): RuntimeEvent | null {
  // A tag may name another image now: whose, only a look tells.
  if (type === 'image') return { type: 'resync' };
  const stack = attributes[PROJECT_LABEL];
  if (stack === undefined || attributes['com.docker.compose.oneoff'] === 'True') return null;
  const known = ACTIONS[action];
  if (known === undefined) return { type: 'touched', stack };
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

type Lost = Awaited<ReturnType<SecretRoom['lost']>> | undefined;

function hasLostSecrets({ stack, state, service, startedAt }: SeenContainer, lost: Lost): boolean {
  const moment = lost?.get(stack)?.[service];
  return moment !== undefined && state === 'running' && startedAt !== null && startedAt < moment;
}

/** The engine quotes what it could not start. That is remembered, logged and told. */
function toldError({ stack, startError }: SeenContainer, room: SecretRoom | null): string | null {
  return startError === null || room === null ? startError : room.redactor(stack)(startError);
}

interface Parts {
  readonly engine: Engine;
  readonly compose: Compose;
  readonly folders: StackFolders;
  /** Where secrets are opened; without one a stack that has some fails. */
  readonly room?: SecretRoom | null;
  /** What this host allows no stack. */
  readonly forbidden?: readonly Forbidden[];
  readonly makingMs?: number;
}

export function dockerRuntime({
  engine,
  compose,
  folders,
  room = null,
  forbidden = [],
  makingMs,
}: Parts): StackRuntime {
  const watched = observer(engine);
  const carryOut = { compose, folders, room, forbidden, makingMs, userOf: imageOwners(engine) };
  return {
    restMs: REST_MS,
    async observe({ images, stacks }) {
      // First of all: a container that is started without its secrets only fails.
      await room?.restore();
      const lost = await room?.lost();
      const [seen, tags, present, changes] = await Promise.all([
        watched.containers(),
        engine.imageTags(),
        Promise.all(images.map((image) => engine.hasImage(image))),
        Promise.all(stacks.map((stack) => folders.drift(stack))),
      ]);
      const changedFiles = new Map<string, readonly ChangedFile[]>();
      for (const [index, { name }] of stacks.entries()) changedFiles.set(name, changes[index] ?? []);
      return {
        containers: seen.map((container) => ({
          ...container,
          taggedId: tagged(container.image, tags),
          hasLostSecrets: hasLostSecrets(container, lost),
          startError: toldError(container, room),
        })),
        missingImages: new Set(images.filter((_, index) => present[index] === false)),
        changedFiles,
      };
    },
    async lastWords({ id, stack }) {
      const raw = await engine.logTail(id, LAST_LINES).catch(() => new Uint8Array());
      return logLines(raw, room?.redactor(stack));
    },
    execute: (step, io) => execute(step, carryOut, io),
    applied: (stack) => folders.noteApplied(stack),
    events(handle) {
      room?.onOpened((stack, secrets) => handle({ type: 'secrets', stack, secrets }));
      return engine.events(
        (raw) => {
          watched.happened(raw);
          const event = runtimeEvent(raw);
          if (event) handle(event);
        },
        () => {
          watched.forgetAll();
          handle({ type: 'resync' });
        },
      );
    },
    async versions() {
      const [dockerVersion, composeVersion] = await Promise.all([
        engine.version().catch(() => null),
        compose.version().catch(() => null),
      ]);
      return { ...(dockerVersion ? { dockerVersion } : {}), ...(composeVersion ? { composeVersion } : {}) };
    },
  };
}
