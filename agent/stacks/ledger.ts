// What the agent remembers of its stacks, and the one outcome that each deployment gets. Changes are on disk before
// anything follows from them.
import type { DesiredStack, RemovedStack } from '#subjects/schema/desired.ts';
import type { DriftItem } from '#subjects/schema/drift.ts';
import type { NodeEvent } from '#subjects/schema/node-event.ts';
import type { AgentStore, GoodChange } from '../state/store.ts';
import { broughtUpNotes } from './applied.ts';
import { type Instant, newRecord, type Rejected, type SeenContainer, type StackRecord } from './model.ts';
import { counted, FORGIVEN_AFTER_MS, removalHash, triesKey } from './retry.ts';
import type { StepResult } from './runtime.ts';

export interface Outcome {
  readonly hash: string;
  readonly deployment: string | null;
  readonly revision: number | null;
  /** It is to be stopped, and is. */
  readonly isStopped: boolean;
  readonly ok: boolean;
  readonly outcome: 'succeeded' | 'failed' | 'rolled-back';
  readonly reason: string | null;
}

export class Ledger {
  readonly #store: AgentStore;
  readonly #records: Map<string, StackRecord>;
  readonly #goods: Map<string, DesiredStack>;

  readonly #onTold: () => void;

  /** @param onTold an event was written with a record */
  constructor(store: AgentStore, onTold: () => void) {
    this.#store = store;
    this.#onTold = onTold;
    this.#records = new Map(store.records().map((record) => [record.name, record]));
    this.#goods = new Map(store.goods().map((stack) => [stack.name, stack]));
  }

  names(): Iterable<string> {
    return this.#records.keys();
  }

  find(stack: string): StackRecord | null {
    return this.#records.get(stack) ?? null;
  }

  good(stack: string): DesiredStack | null {
    return this.#goods.get(stack) ?? null;
  }

  goods(): Iterable<DesiredStack> {
    return this.#goods.values();
  }

  #change(stack: string, change: Partial<StackRecord>, event?: NodeEvent | null, good?: GoodChange): void {
    const record = { ...(this.#records.get(stack) ?? newRecord(stack)), ...change };
    if (event === undefined && good === undefined) this.#store.keep(record);
    else this.#store.settle(record, event ?? null, good);
    this.#records.set(stack, record);
    if (good === null) this.#goods.delete(stack);
    else if (good !== undefined) this.#goods.set(stack, good);
    if (event) this.#onTold();
  }

  /** Files and containers are this version's from now on, at least in part. */
  begun(target: DesiredStack): void {
    if (this.find(target.name)?.begunHash !== target.hash) this.#change(target.name, { begunHash: target.hash });
  }

  brokenOff(stack: string, key: string, now: Instant, result: StepResult): void {
    const { reason, permanent } = result;
    const attempts = counted(this.find(stack)?.attempts ?? null, key, now, {
      failure: reason ?? 'it failed without a word',
      permanent,
    });
    this.#change(stack, { attempts });
  }

  /** @param event tells that `undone` was put right; the drift that is left stays told */
  broughtUp(
    target: DesiredStack,
    containers: readonly SeenContainer[],
    now: Instant,
    drift: { left: readonly DriftItem[]; event: NodeEvent | null } = { left: [], event: null },
  ): void {
    const own = containers.filter(({ configHash }) => configHash !== null);
    const before = this.find(target.name);
    const { services, applied } = broughtUpNotes(before, target, own);
    this.#change(
      target.name,
      {
        revision: target.revision,
        deployment: target.deployment,
        appliedHash: target.hash,
        appliedAt: now,
        begunHash: target.hash,
        stoppedHash: null,
        services,
        applied,
        drift: drift.left,
        ...this.#tried(target, containers, now),
        removedGeneration: null,
      },
      drift.event,
    );
  }

  /** What was brought up for another deployment is judged for this one. */
  takenOver({ name, deployment }: DesiredStack, now: Instant): void {
    this.#change(name, { deployment, appliedAt: now });
  }

  /** Our own doing gave the tags of these images other ones: what they name now is as it should be. */
  fetched(images: ReadonlySet<string>, containers: readonly SeenContainer[]): void {
    const now = new Map(containers.map(({ id, taggedId }) => [id, taggedId]));
    for (const { name, applied } of [...this.#records.values()]) {
      const moved = Object.entries(applied).filter(([, { id, image, taggedId }]) => {
        return images.has(image) && now.has(id) && now.get(id) !== taggedId;
      });
      if (moved.length === 0) continue;
      const noted = moved.map(([key, one]) => [key, { ...one, taggedId: now.get(one.id) ?? null }] as const);
      this.#change(name, { applied: { ...applied, ...Object.fromEntries(noted) } });
    }
  }

  /** Containers that had ended were started, nothing else was touched. */
  started(target: DesiredStack, containers: readonly SeenContainer[], now: Instant): void {
    this.#change(target.name, this.#tried(target, containers, now));
  }

  #tried(target: DesiredStack, containers: readonly SeenContainer[], now: Instant) {
    const before = this.find(target.name)?.attempts ?? null;
    return {
      restartsBefore: Object.fromEntries(containers.map(({ id, restarts }) => [id, restarts])),
      attempts: counted(before, triesKey(target), now, { failure: null, permanent: false }),
    };
  }

  stopped(target: DesiredStack, event: NodeEvent | null): void {
    const { revision, deployment, hash } = target;
    const nothing = { appliedHash: null, attempts: null, drift: [] };
    this.#change(target.name, { revision, deployment, stoppedHash: hash, ...nothing }, event);
  }

  /** Whether this version, or this removal, has got its outcome for this deployment. */
  hasTold(stack: string, hash: string, deployment: string | null): boolean {
    const settled = this.find(stack)?.settled;
    return settled?.hash === hash && settled.deployment === deployment;
  }

  takenDown(stack: string, entry: Pick<RemovedStack, 'generation' | 'deployment'>, event: NodeEvent | null): void {
    const { generation, deployment } = entry;
    const told = { outcome: 'succeeded', reason: null } as const;
    const settled = { hash: removalHash(entry), deployment, ok: true, ...told };
    this.#change(stack, { ...newRecord(stack), settled, removedGeneration: generation }, event, null);
  }

  /** It failed its gate: the last good version is worked for from now on. */
  givenUp(stack: string, rejected: Rejected): void {
    this.#change(stack, { rejected, attempts: null, drift: [] });
  }

  drifted(stack: string, drift: readonly DriftItem[], event: NodeEvent | null): void {
    this.#change(stack, { drift }, event);
  }

  /**
   * Writes the outcome with its event, unless this deployment has one. `event` is asked for only when it is needed.
   * @param good the version that is the last good one from now on
   */
  settle(stack: string, told: Outcome, event: () => NodeEvent | null, good?: DesiredStack): void {
    const { hash, deployment, revision, ok, isStopped, outcome, reason } = told;
    const before = this.find(stack)?.settled;
    if (this.hasTold(stack, hash, deployment)) {
      // It came up after all: its deployment failed and stays so, but what follows is judged as of a stack that ran.
      if (before && ok && !before.ok) this.#change(stack, { settled: { ...before, ok } }, null, good);
      else if (good) this.#change(stack, {}, null, good);
      return;
    }
    const stopped = isStopped ? { appliedHash: null, stoppedHash: hash } : {};
    const place = ok ? { revision, deployment, ...stopped } : {};
    const settled = { hash, deployment, ok, outcome, reason };
    this.#change(stack, { ...place, settled }, event(), good);
  }

  /** A stack that has been steady for a while starts again without a wait when something dies. */
  forgive(stack: string, now: Instant): void {
    const attempts = this.find(stack)?.attempts ?? null;
    if (attempts !== null && now - attempts.lastAt >= FORGIVEN_AFTER_MS) this.#change(stack, { attempts: null });
  }
}
