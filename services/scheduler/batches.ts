// Pure: which nodes of a rollout may get the new revision now. Batches are made when they begin, of the nodes that are there
// then: one that is away neither counts nor blocks, and one that comes back joins at the end.
//
// - Only who is online is let go. Who is away (offline, paused, its engine dead) is sent nothing in advance, so that a site
//   that comes back goes in batches as everybody does. Who is suspect is waited for until it is one or the other.
// - A batch begins when the one before is full, nobody who is there is under way and its gate is open; it grows as far as
//   there is room. One that is not full takes in whoever comes back, even when all the others in it are done.
// - The gate: `healthy` lets it go once pauseSeconds are over since the last outcome; `manual` asks for a word for each batch
//   but the first and waits for nothing else. Nodes that come back after the last batch make a batch, and it has its gate too.
// - A word may be given while all that are held are away: it counts when they are back.
import type { DeploymentState } from '#subjects/schema/deployment.ts';
import { isGone, type Presence } from './presence.ts';
import type { Settings } from './specification.ts';

export type Rollout = Settings['rollout'];

export interface Member {
  readonly node: string;
  readonly state: DeploymentState;
  /** In which it was released; of one that is held, the planned one. */
  readonly batch: number;
  readonly presence: Presence;
  /** It was away when the rollout began or came to it. */
  readonly parked: boolean;
  readonly finishedAt: number | null;
}

export interface Standing {
  readonly rollout: Rollout;
  readonly members: readonly Member[];
  /** An operator let batches up to this one go. */
  readonly approvedBatch: number;
  readonly cancelled: boolean;
  /** What must be before the first node gets anything; null when it is. */
  readonly waitsFor: string | null;
  readonly now: number;
}

export interface Decision {
  readonly release: readonly string[];
  /** Of those that are released. */
  readonly batch: number;
  /** The one that a word of an operator would let go. */
  readonly nextBatch: number;
  /** Nothing is released any more, for this reason. */
  readonly stopped: string | null;
  readonly awaitsApproval: boolean;
  readonly pausedUntil: number | null;
  /** For whoever looks at it. */
  readonly reason: string | null;
}

function sizeOf({ batch }: Rollout, total: number): number {
  if (batch === null) return total;
  return typeof batch === 'number' ? batch : Math.max(1, Math.ceil((total * Number.parseInt(batch, 10)) / 100));
}

function batchesFor(rollout: Rollout, total: number): number {
  return rollout.batch === null ? 1 : 1 + Math.ceil(Math.max(0, total - 1) / sizeOf(rollout, total));
}

/** Nodes that are there in order of id, then those that are not. */
function inOrder<T extends { readonly node: string; readonly parked: boolean }>(members: readonly T[]): T[] {
  return members.toSorted((a, b) => Number(a.parked) - Number(b.parked) || (a.node < b.node ? -1 : 1));
}

/** Which batch each node will be in if all stays as it is. */
export function plannedBatches(
  rollout: Rollout,
  nodes: readonly { readonly node: string; readonly parked: boolean }[],
): Map<string, number> {
  const size = sizeOf(rollout, nodes.length);
  const last = batchesFor(rollout, nodes.filter(({ parked }) => !parked).length);
  return new Map(
    inOrder(nodes).map(({ node, parked }, index) => {
      if (rollout.batch === null) return [node, 1];
      return [node, parked ? last : 1 + Math.ceil(index / size)];
    }),
  );
}

function isOpen({ state }: Pick<Member, 'state'>): boolean {
  return state === 'pending' || state === 'progressing';
}

/** Something is being done there, or will be at once. */
export function isUnderWay(member: Pick<Member, 'state' | 'presence'>): boolean {
  return isOpen(member) && !isGone(member.presence);
}

function hasFailed({ state }: Member): boolean {
  return state === 'failed' || state === 'rolled-back';
}

function whyStopped({ cancelled, rollout, members }: Standing, failed: number): string | null {
  if (cancelled) return 'an operator cancelled it';
  if (failed === 0 || failed < (rollout.maxUnavailable ?? 1)) return null;
  const outcome = members.some(({ state }) => state === 'failed') ? 'failed' : 'rolled back';
  return `${failed === 1 ? '1 node' : `${failed} nodes`} ${outcome}`;
}

const WORDS: Readonly<Record<Presence, string>> = {
  online: 'online',
  suspect: 'suspect',
  offline: 'offline',
  paused: 'paused',
  unresponsive: 'without an engine that answers',
};

function whomItWaitsFor(held: readonly Member[]): string {
  const counts = Map.groupBy(held, ({ presence }) => WORDS[presence]);
  const [word] = counts.keys();
  if (counts.size === 1)
    return `waiting for ${held.length === 1 ? '1 node that is' : `${held.length} nodes that are`} ${word}`;
  const parts = [...counts].map(([what, some]) => `${some.length} ${what}`).sort();
  return `waiting for ${held.length} nodes: ${parts.join(', ')}`;
}

/** Of a rollout that still holds nodes back. Nodes on which nothing changes are no members. */
export function decide(standing: Standing): Decision {
  const { rollout, members, approvedBatch, waitsFor, now } = standing;
  const held = inOrder(members.filter(({ state }) => state === 'held'));
  const out = members.filter(({ state }) => state !== 'held' && state !== 'superseded');
  const failed = out.filter(hasFailed).length;
  const settled = out.filter((member) => !isOpen(member));
  const underWay = out.filter(isUnderWay).length;
  const total = held.length + out.length;
  const frontier = Math.max(0, ...out.map(({ batch }) => batch));
  const batches = Math.max(batchesFor(rollout, total), frontier);
  const nothing = {
    release: [],
    batch: frontier,
    nextBatch: frontier + 1,
    stopped: null,
    awaitsApproval: false,
    pausedUntil: null,
  };

  const stopped = whyStopped(standing, failed);
  if (stopped !== null) {
    const where = frontier === 0 ? 'before the first batch' : `after batch ${frontier} of ${batches}`;
    return { ...nothing, stopped: `stopped ${where}: ${stopped}`, reason: `stopped ${where}: ${stopped}` };
  }
  if (frontier === 0 && waitsFor !== null) return { ...nothing, reason: waitsFor };
  const all = held.map(({ node }) => node);
  if (rollout.batch === null && rollout.maxUnavailable === null) {
    return { ...nothing, release: all, batch: Math.max(1, frontier), reason: null };
  }
  /** One node until the first outcome is there, even when the first one died before it had one. */
  const size = (batch: number) =>
    rollout.batch !== null && !settled.some((member) => member.batch < batch) ? 1 : sizeOf(rollout, total);

  const isFull = out.filter(({ batch }) => batch === frontier).length >= size(frontier);
  const present = `batch ${frontier} of ${batches}`;
  if (frontier > 0 && isFull && underWay > 0) return { ...nothing, reason: present };
  const batch = frontier === 0 || isFull ? frontier + 1 : frontier;
  const next = `batch ${batch} of ${Math.max(batch, batches)}`;
  if (batch > frontier && batch > 1 && approvedBatch < batch) {
    if (rollout.gate === 'manual') return { ...nothing, awaitsApproval: true, reason: `${next} awaits approval` };
    const until = Math.max(0, ...settled.map(({ finishedAt }) => finishedAt ?? 0)) + rollout.pauseSeconds * 1000;
    if (rollout.pauseSeconds > 0 && now < until) {
      return { ...nothing, pausedUntil: until, reason: `pauses before ${next}` };
    }
  }
  const ready = held.filter(({ presence }) => presence === 'online').map(({ node }) => node);
  if (ready.length === 0) return { ...nothing, reason: underWay > 0 ? present : whomItWaitsFor(held) };
  const room = (rollout.maxUnavailable ?? size(batch)) - underWay - failed;
  const free = size(batch) - out.filter((member) => member.batch === batch).length;
  const release = ready.slice(0, Math.max(0, Math.min(room, free)));
  return { ...nothing, release, batch, reason: next };
}
