// Drift in words: what differs on a node from what was applied there. Pure.
import type { DriftItem, Stack } from '../api/shapes.ts';
import { plural } from '../parts/words.ts';

const KINDS: Readonly<Record<DriftItem['kind'], string>> = {
  removed: 'Container is gone',
  stopped: 'Container was stopped',
  extra: 'Container the stack does not have',
  config: 'Changed settings',
  image: 'Other image',
  file: 'Changed file',
};

export function driftTitle({ kind, subject }: DriftItem): string {
  if (kind === 'config' && subject !== null) return `Changed setting ${subject}`;
  if (kind === 'file' && subject !== null) return `Changed file ${subject}`;
  return KINDS[kind];
}

/** Where: the service, or the container when it has none. */
export function driftPlace({ service, container }: DriftItem): string | null {
  return service ?? container;
}

/** What is expected and what is there, also where the kind alone says it. */
export function driftValues({ kind, expected, actual, container }: DriftItem): { expected: string; actual: string } {
  const implied: Readonly<Record<DriftItem['kind'], readonly [string, string]>> = {
    removed: [container ?? 'the container', 'nothing'],
    stopped: ['running', 'stopped'],
    extra: ['nothing', container ?? 'a container'],
    config: ['as applied', 'something else'],
    image: ['as applied', 'another image'],
    file: ['as applied', 'changed or removed'],
  };
  const [otherwise, otherwiseActual] = implied[kind];
  return { expected: expected ?? otherwise, actual: actual ?? otherwiseActual };
}

export function countDrifted(stack: Pick<Stack, 'nodes'>): number {
  return stack.nodes.filter(({ drift }) => drift.length > 0).length;
}

/** On the chip of one node. */
export function driftCount(items: readonly DriftItem[]): string {
  return plural(items.length, 'difference');
}

export function policyWords(policy: 'report' | 'correct' | undefined): string {
  return policy === 'report'
    ? 'Hand-made changes are only told. They stay until a new revision touches them, or drift is set to be corrected.'
    : 'Hand-made changes are put right by the node itself; each correction is an event.';
}
