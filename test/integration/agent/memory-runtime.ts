// A runtime that keeps its containers in memory: for tests of the link to the core, where Docker is not the question.
import type { SeenContainer } from '#agent/stacks/model.ts';
import type { StackRuntime } from '#agent/stacks/runtime.ts';
import type { Step } from '#agent/stacks/steps.ts';
import { PLAIN_CONTAINER } from '#test/harness/container.ts';

export interface MemoryRuntime extends StackRuntime {
  readonly steps: Step[];
  readonly containers: Map<string, SeenContainer>;
}

export function memoryRuntime(): MemoryRuntime {
  const containers = new Map<string, SeenContainer>();
  const steps: Step[] = [];
  return {
    steps,
    containers,
    restMs: 60_000,
    observe: async () => ({
      containers: [...containers.values()],
      missingImages: new Set(),
      changedFiles: new Map(),
    }),
    lastWords: async () => [],
    async execute(step, { onLine }) {
      steps.push(step);
      onLine(`${step.kind} ${step.stack}`);
      if (step.kind === 'down') containers.delete(step.stack);
      if (step.kind === 'up') {
        containers.set(step.stack, {
          ...PLAIN_CONTAINER,
          id: `${step.stack}-${step.target.hash.slice(0, 8)}`,
          name: `${step.stack}-a-1`,
          stack: step.stack,
          image: 'x',
          health: 'healthy',
          // Long steady: what a test waits for here is not the window of stability.
          startedAt: Date.now() - 3_600_000,
        });
      }
      return { ok: true, exitCode: 0, reason: null, permanent: false };
    },
    applied: async () => {},
    events: () => ({ stop: async () => {} }),
    versions: async () => ({ dockerVersion: 'none' }),
  };
}
