// What the agent remembers of its stacks, and the one outcome that each deployment gets. Changes are on disk before
// anything follows from them.
import type { DesiredStack, RemovedStack } from '#subjects/schema/desired.ts';
import type { NodeEvent } from '#subjects/schema/node-event.ts';
import type { AgentStore } from '../state/store.ts';
import { type Instant, newRecord, type SeenContainer, type StackRecord } from './model.ts';
import { counted, FORGIVEN_AFTER_MS, removalHash } from './retry.ts';
import type { StepResult } from './runtime.ts';

export interface Outcome {
  readonly hash: string;
  readonly deployment: string | null;
  readonly revision: number | null;
  /** It is to be stopped, and is. */
  readonly isStopped: boolean;
  readonly ok: boolean;
}

export class Ledger {
  readonly #store: AgentStore;
  readonly #records: Map<string, StackRecord>;

  readonly #onTold: () => void;

  /** @param onTold an event was written with a record */
  constructor(store: AgentStore, onTold: () => void) {
    this.#store = store;
    this.#onTold = onTold;
    this.#records = new Map(store.records().map((record) => [record.name, record]));
  }

  names(): Iterable<string> {
    return this.#records.keys();
  }

  find(stack: string): StackRecord | null {
    return this.#records.get(stack) ?? null;
  }

  #change(stack: string, change: Partial<StackRecord>, event?: NodeEvent | null): void {
    const record = { ...(this.#records.get(stack) ?? newRecord(stack)), ...change };
    if (event === undefined) this.#store.keep(record);
    else this.#store.settle(record, event);
    this.#records.set(stack, record);
    if (event) this.#onTold();
  }

  brokenOff(stack: string, hash: string, now: Instant, result: StepResult): void {
    const { reason, permanent } = result;
    const attempts = counted(this.find(stack)?.attempts ?? null, hash, now, {
      failure: reason ?? 'it failed without a word',
      permanent,
    });
    this.#change(stack, { attempts });
  }

  broughtUp(target: DesiredStack, containers: readonly SeenContainer[], now: Instant): void {
    const services: Record<string, number> = {};
    for (const { service } of containers) services[service] = (services[service] ?? 0) + 1;
    const before = this.find(target.name);
    this.#change(target.name, {
      revision: target.revision,
      deployment: target.deployment,
      appliedHash: target.hash,
      appliedAt: now,
      stoppedHash: null,
      services,
      restartsBefore: Object.fromEntries(containers.map(({ id, restarts }) => [id, restarts])),
      attempts: counted(before?.attempts ?? null, target.hash, now, { failure: null, permanent: false }),
      removedGeneration: null,
    });
  }

  stopped(target: DesiredStack): void {
    const { revision, deployment, hash } = target;
    this.#change(target.name, { revision, deployment, appliedHash: null, stoppedHash: hash, attempts: null });
  }

  /** Whether this version, or this removal, has got its outcome for this deployment. */
  hasTold(stack: string, hash: string, deployment: string | null): boolean {
    const settled = this.find(stack)?.settled;
    return settled?.hash === hash && settled.deployment === deployment;
  }

  takenDown(stack: string, entry: Pick<RemovedStack, 'generation' | 'deployment'>, event: NodeEvent | null): void {
    const { generation, deployment } = entry;
    const settled = { hash: removalHash(entry), deployment, ok: true };
    this.#change(stack, { ...newRecord(stack), settled, removedGeneration: generation }, event);
  }

  /** Writes the outcome with its event, unless this deployment has one. `event` is asked for only when it is needed. */
  settle(stack: string, outcome: Outcome, event: () => NodeEvent | null): void {
    const { hash, deployment, revision, ok, isStopped } = outcome;
    if (this.hasTold(stack, hash, deployment)) {
      // It came up after all: its deployment failed and stays so, but what follows is judged as of a stack that ran.
      if (ok && !this.find(stack)?.settled?.ok) this.#change(stack, { settled: { hash, deployment, ok } });
      return;
    }
    const stopped = isStopped ? { appliedHash: null, stoppedHash: hash } : {};
    const place = ok ? { revision, deployment, ...stopped } : {};
    this.#change(stack, { ...place, settled: { hash, deployment, ok } }, event());
  }

  /** A stack that has been steady for a while starts again without a wait when something dies. */
  forgive(stack: string, now: Instant): void {
    const attempts = this.find(stack)?.attempts ?? null;
    if (attempts !== null && now - attempts.lastAt >= FORGIVEN_AFTER_MS) this.#change(stack, { attempts: null });
  }
}
