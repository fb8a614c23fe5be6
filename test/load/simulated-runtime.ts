// Stacks in memory, behind the interface of the real runtime, with dials: how long a pull takes, how often a container
// crashes, how often a start is refused. For load and for looking at many nodes; never a stand-in for an acceptance.
import { setTimeout as pause } from 'node:timers/promises';
import { parse } from 'yaml';
import type { SeenContainer } from '#agent/stacks/model.ts';
import type { RuntimeEvent, StackRuntime, StepResult } from '#agent/stacks/runtime.ts';
import type { Step } from '#agent/stacks/steps.ts';
import { newId } from '#infra/ids.ts';
import { PLAIN_CONTAINER } from '#test/harness/container.ts';

export interface Dials {
  readonly pullMs: number;
  /** Chance that a container dies in a given minute, 0 to 1. */
  readonly crashPerMinute: number;
  /** Chance that an `up` is refused, 0 to 1. */
  readonly refuse: number;
}

const OK: StepResult = { ok: true, exitCode: 0, reason: null, permanent: false };
const MINUTE = 60_000;

/** Service -> image, as far as a simulation needs to read a compose text. */
function servicesOf(compose: string): Record<string, string> {
  const text = parse(compose) as { services?: Record<string, { image?: string } | null> } | null;
  return Object.fromEntries(
    Object.entries(text?.services ?? {}).map(([name, service]) => [name, service?.image ?? 'built']),
  );
}

function started(stack: string, service: string, image: string): SeenContainer {
  return {
    ...PLAIN_CONTAINER,
    id: newId(),
    name: `${stack}-${service}-1`,
    stack,
    service,
    image,
    startedAt: Date.now(),
    restartPolicy: 'unless-stopped',
  };
}

export function simulatedRuntime(dials: Dials): StackRuntime & { stop(): void } {
  const containers = new Map<string, SeenContainer>();
  const pulled = new Set<string>();
  const handlers = new Set<(event: RuntimeEvent) => void>();
  const key = (stack: string, service: string) => `${stack}/${service}`;

  const crashes = setInterval(() => {
    for (const [place, container] of containers) {
      if (container.state !== 'running' || Math.random() >= dials.crashPerMinute) continue;
      // It could not be started again either: what somebody stopped would look otherwise.
      containers.set(place, { ...container, state: 'exited', exitCode: 137, startError: 'the simulation' });
      const { stack, service, id, name } = container;
      for (const handle of handlers) {
        handle({ type: 'container', stack, service, container: name, id, action: 'died', exitCode: 137 });
      }
    }
  }, MINUTE).unref();

  async function up(step: Step & { kind: 'up' }): Promise<StepResult> {
    if (Math.random() < dials.refuse) {
      return { ok: false, exitCode: 1, reason: 'the simulation refuses to start it', permanent: false };
    }
    const wanted = servicesOf(step.target.compose);
    for (const [place, { stack, service }] of containers) {
      if (stack === step.stack && !(service in wanted)) containers.delete(place);
    }
    for (const [service, image] of Object.entries(wanted)) {
      const known = containers.get(key(step.stack, service));
      if (known?.state === 'running' && known.image === image) continue;
      containers.set(key(step.stack, service), started(step.stack, service, image));
    }
    return OK;
  }

  return {
    restMs: MINUTE,
    lastWords: async () => [],
    observe: async ({ images }) => ({
      containers: [...containers.values()],
      missingImages: new Set(images.filter((image) => !pulled.has(image))),
      changedFiles: new Map(),
    }),
    async execute(step) {
      switch (step.kind) {
        case 'pull':
          await pause(dials.pullMs);
          for (const image of Object.values(servicesOf(step.target.compose))) pulled.add(image);
          return OK;
        case 'up':
          return up(step);
        case 'recreate':
        case 'start':
          for (const [place, container] of containers) {
            if (container.stack !== step.stack || !step.services.includes(container.service)) continue;
            containers.set(place, started(container.stack, container.service, container.image));
          }
          return OK;
        case 'stop':
          for (const [place, container] of containers) {
            if (container.stack !== step.stack) continue;
            containers.set(place, { ...container, state: 'exited', exitCode: 0, isStopAsked: true });
          }
          return OK;
        case 'down':
          for (const [place, { stack }] of containers) if (stack === step.stack) containers.delete(place);
          return OK;
        default:
          return step satisfies never;
      }
    },
    applied: async () => {},
    events(handle) {
      handlers.add(handle);
      return { stop: async () => void handlers.delete(handle) };
    },
    versions: async () => ({ dockerVersion: '28.5.2', composeVersion: '2.40.3' }),
    stop: () => clearInterval(crashes),
  };
}
