// A runtime that keeps its containers in memory: for tests of the link to the core, where Docker is not the question.
import type { SeenContainer } from '#agent/stacks/model.ts';
import type { StackRuntime } from '#agent/stacks/runtime.ts';
import type { Step } from '#agent/stacks/steps.ts';

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
    observe: async () => ({ containers: [...containers.values()], missingImages: new Set() }),
    async execute(step, { onLine }) {
      steps.push(step);
      onLine(`${step.kind} ${step.stack}`);
      if (step.kind === 'down') containers.delete(step.stack);
      if (step.kind === 'up') {
        containers.set(step.stack, {
          id: `${step.stack}-${step.target.hash.slice(0, 8)}`,
          name: `${step.stack}-a-1`,
          stack: step.stack,
          service: 'a',
          image: 'x',
          state: 'running',
          health: 'healthy',
          exitCode: null,
          oomKilled: false,
          restarts: 0,
          startedAt: Date.now(),
          restartPolicy: 'no',
        });
      }
      return { ok: true, exitCode: 0, reason: null, permanent: false };
    },
    applied: async () => {},
    events: () => ({ stop: async () => {} }),
    versions: async () => ({ dockerVersion: 'none' }),
  };
}
