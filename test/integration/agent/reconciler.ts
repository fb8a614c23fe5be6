// An agent's reconciler over a real engine, without a core: the test is its scheduler.

import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { openEngine } from '#agent/docker.ts';
import { recorder } from '#agent/outbox/recorder.ts';
import { secretsMount } from '#agent/secrets/mount.ts';
import { roomRecords } from '#agent/secrets/record.ts';
import { secretRoom } from '#agent/secrets/room.ts';
import { openCompose } from '#agent/stacks/compose.ts';
import { dockerRuntime } from '#agent/stacks/docker-runtime.ts';
import { stackFolders } from '#agent/stacks/folder.ts';
import { type StackLoop, startLoop } from '#agent/stacks/loop.ts';
import type { StackRuntime } from '#agent/stacks/runtime.ts';
import { openStore } from '#agent/state/disk-store.ts';
import type { AgentStore } from '#agent/state/store.ts';
import { newId } from '#infra/ids.ts';
import { createLogger } from '#infra/logger.ts';
import type { DesiredDocument, DesiredStack, RemovedStack } from '#subjects/schema/desired.ts';
import type { NodeEventBody } from '#subjects/schema/node-event.ts';
import { PLAIN } from '#test/harness/desired.ts';
import { until } from '#test/harness/until.ts';

export interface Reconciler {
  readonly data: string;
  readonly store: AgentStore;
  readonly loop: StackLoop;
  /** Kinds of the steps that were carried out, as `up web`. */
  readonly steps: string[];
  /** Everything told so far. */
  events(): NodeEventBody[];
  want(stacks: DesiredStack[], removed?: RemovedStack[], config?: Partial<DesiredDocument['config']>): DesiredDocument;
  converged(): Promise<void>;
  phase(stack: string): string | undefined;
  /** The same agent again, as after a restart; with `forget` its database is lost. */
  restart(how?: { forget?: boolean; whileDown?: () => void }): Promise<void>;
  stop(): Promise<void>;
}

export function wanted(name: string, compose: string, more: Partial<DesiredStack> = {}): DesiredStack {
  const content = {
    compose,
    files: {},
    env: {},
    state: 'running' as const,
    stabilitySeconds: 1,
    healthTimeoutSeconds: 30,
    ...PLAIN,
  };
  const hash = createHash('sha256')
    .update(JSON.stringify([name, compose, more]))
    .digest('hex');
  return { name, revision: 1, deployment: newId(), hash, ...content, ...more };
}

function noting(runtime: StackRuntime, steps: string[]): StackRuntime {
  return {
    ...runtime,
    execute(step, io) {
      steps.push(`${step.kind} ${step.stack}`);
      return runtime.execute(step, io);
    },
  };
}

export const NODE = 'n'.repeat(26);

/** Where secrets are opened: a tmpfs of its own, mounted when the first one is. */
export interface TestRoom {
  readonly directory: string;
  readonly identity: string;
}

export function startReconciler(host: string, secrets?: TestRoom, makingMs = 60_000): Reconciler {
  const data = mkdtempSync('/tmp/ovs-agent-');
  const log = createLogger('agent', process.env['TEST_LOG'] ?? 'silent');
  const steps: string[] = [];
  const told: NodeEventBody[] = [];
  let document: DesiredDocument | null = null;
  let generation = 0;

  function open() {
    const store = openStore(`${data}/state.db`, { newEpoch: newId, log });
    const runtime = dockerRuntime({
      engine: openEngine(host),
      compose: openCompose(host),
      folders: stackFolders(`${data}/stacks`),
      makingMs,
      room:
        secrets === undefined
          ? null
          : secretRoom({
              mount: secretsMount({ directory: secrets.directory, isGiven: false }, () => {}),
              opener: { node: NODE, identity: secrets.identity },
              records: roomRecords(`${data}/stacks`),
              log,
              now: Date.now,
            }),
    });
    const recorded = recorder({ spool: store.spool, bootId: newId(), now: Date.now, onRecorded() {} });
    const loop = startLoop({
      runtime: noting(runtime, steps),
      store,
      recorder: recorded,
      log,
      now: Date.now,
      document: () => document,
      onChange() {},
      onEngine() {},
    });
    return { store, loop, recorded };
  }

  let current = open();

  /** Takes what was told out of the spool, as a core would. */
  function take(): void {
    current.recorded.flush();
    for (let next = current.store.spool.oldest(); next !== null; next = current.store.spool.oldest()) {
      told.push(next.event.body);
      current.store.spool.release(next.sequence);
    }
  }

  const reconciler: Reconciler = {
    data,
    steps,
    get store() {
      return current.store;
    },
    get loop() {
      return current.loop;
    },
    events() {
      take();
      return told;
    },
    want(stacks, removed = [], config = {}) {
      generation += 1;
      const usual = { name: 'n', labels: {}, heartbeatSeconds: 10, paused: false, drained: false };
      document = {
        kind: 'desired',
        version: 1,
        node: NODE,
        epoch: 'e'.repeat(26),
        generation,
        issuedAt: new Date().toISOString(),
        config: { ...usual, ...config },
        stacks,
        removed: removed.map((entry) => ({ ...entry, generation: entry.generation || generation })),
      };
      current.loop.documentChanged();
      return document;
    },
    async converged() {
      await until(() => current.store.observedGeneration() === generation, 60_000, `generation ${generation}`);
    },
    phase: (stack) => current.loop.view().stacks.find(({ name }) => name === stack)?.phase,
    async restart({ forget = false, whileDown = () => {} } = {}) {
      await current.loop.stop();
      take();
      current.store.close();
      if (forget) for (const suffix of ['', '-wal', '-shm']) rmSync(`${data}/state.db${suffix}`, { force: true });
      whileDown();
      current = open();
    },
    async stop() {
      await current.loop.stop();
      current.store.close();
      rmSync(data, { recursive: true, force: true });
    },
  };
  return reconciler;
}
