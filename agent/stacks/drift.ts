// Pure: what differs on the node from what was noted when a stack was applied. What `up` left is the measure, not the
// text: so what Compose itself makes of a text is never drift, and what was put right once is not found again.
// A container that ended by itself is no drift. Settings changed in place are found by inspect alone, for Compose does
// not see them. That somebody stopped a container whose policy never restarts it is known from the engine's events; it
// is forgotten when the engine starts anew, since then it may as well have been the engine's own end.
import type { DesiredStack } from '#subjects/schema/desired.ts';
import { DRIFT_MAX_ITEMS, type DriftItem } from '#subjects/schema/drift.ts';
import { type AppliedContainer, isActive, isStoppedByHand, type SeenContainer, type SeenStack } from './model.ts';

const LONGEST = 1000;

export function driftOf(target: DesiredStack, seen: SeenStack): DriftItem[] {
  const { record } = seen;
  if (record === null) return [];
  if (target.state === 'stopped') return record.stoppedHash === target.hash ? seen.containers.flatMap(started) : [];
  if (record.appliedHash !== target.hash || (record.begunHash ?? target.hash) !== target.hash) return [];
  const left = new Set(seen.containers.filter(({ configHash }) => configHash !== null));
  const pairs = Object.entries(record.applied).map(([name, applied]) => {
    const found = [...left].find(({ id }) => id === applied.id) ?? [...left].find((one) => one.name === name);
    if (found) left.delete(found);
    return { name, applied, found };
  });
  const items = [
    ...pairs.flatMap(({ name, applied, found }) => (found ? changed(name, applied, found) : [removed(name, applied)])),
    // Notes of earlier agents do not name containers.
    ...(pairs.length === 0 ? [] : [...left].map(extra)),
    ...seen.changedFiles.map(({ path, state }) => item('file', { subject: path, actual: state })),
  ];
  return items.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1)).slice(0, DRIFT_MAX_ITEMS);
}

function changed(name: string, applied: AppliedContainer, found: SeenContainer): DriftItem[] {
  const place = { service: applied.service, container: name };
  const items: DriftItem[] = [];
  if (isStoppedByHand(found)) items.push(item('stopped', { ...place, expected: 'running', actual: found.state }));
  if (found.configHash !== applied.configHash) {
    const { configHash: expected } = applied;
    items.push(item('config', { ...place, subject: 'config-hash', expected, actual: found.configHash }));
  }
  if (found.name !== name) {
    items.push(item('config', { ...place, subject: 'name', expected: name, actual: found.name }));
  }
  for (const subject of new Set([...Object.keys(applied.settings), ...Object.keys(found.settings)])) {
    const expected = applied.settings[subject] ?? null;
    const actual = found.settings[subject] ?? null;
    if (expected !== actual) items.push(item('config', { ...place, subject, expected, actual }));
  }
  // A tag that was taken away names no other image; what runs is not touched by it.
  if (applied.taggedId !== null && found.taggedId !== null && found.taggedId !== applied.taggedId) {
    const { taggedId: expected, image: subject } = applied;
    items.push(item('image', { ...place, subject, expected, actual: found.taggedId }));
  }
  return items;
}

const removed = (container: string, { service }: AppliedContainer) => item('removed', { service, container });
const extra = ({ service, name }: SeenContainer) => item('extra', { service, container: name });
const started = (container: SeenContainer): DriftItem[] => {
  const { service, name } = container;
  if (!isActive(container)) return [];
  return [item('config', { service, container: name, subject: 'state', expected: 'stopped', actual: container.state })];
};

function item(kind: DriftItem['kind'], more: Partial<DriftItem>): DriftItem {
  const short = (text: string | null | undefined) => text?.slice(0, LONGEST) ?? null;
  return {
    kind,
    service: short(more.service),
    container: short(more.container),
    subject: short(more.subject),
    expected: short(more.expected),
    actual: short(more.actual),
  };
}

const keyOf = ({ kind, container, subject }: DriftItem) => `${container ?? ''} ${kind} ${subject ?? ''}`;

/** Settings and names are put right by making the container anew: Compose does not see them. */
export function isInPlace({ kind, subject }: DriftItem): boolean {
  return kind === 'config' && subject !== 'config-hash' && subject !== 'state';
}

/** In a sentence, as far as it stays one. */
export function describeDrift(items: readonly DriftItem[]): string {
  const shown = items.slice(0, 3).map(describeItem).join(', ');
  return items.length > 3 ? `${shown} and ${items.length - 3} more` : shown;
}

function describeItem({ kind, container, subject, expected, actual }: DriftItem): string {
  switch (kind) {
    case 'removed':
      return `${container} was removed`;
    case 'stopped':
      return `${container} was stopped`;
    case 'extra':
      return `${container} does not belong to it`;
    case 'config':
      if (subject === 'config-hash') return `${container} was made from another configuration`;
      return `${subject} of ${container} is ${actual ?? 'not set'} instead of ${expected ?? 'not set'}`;
    case 'image':
      return `${subject} of ${container} names another image now`;
    case 'file':
      return `${subject} ${actual === 'gone' ? 'was removed' : 'was changed'} on disk`;
    default:
      return kind satisfies never;
  }
}

/** What is left of a set of differences once a repair is done: containers that are still too many stay. */
export function corrected(items: readonly DriftItem[], containers: readonly SeenContainer[]): DriftItem[] {
  return items.filter(({ kind, container }) => kind !== 'extra' || !containers.some(({ name }) => name === container));
}
