// A stack in one word, from what its nodes report, and where it runs in a few. Pure.
import type { Labels, Stack, StackPhase, Targets } from '../api/shapes.ts';

/** The first that any node is in decides. */
const WORST: readonly StackPhase[] = [
  'failed',
  'rolled-back',
  'degraded',
  'removing',
  'applying',
  'pending',
  'stopped',
  'removed',
  'running',
];

export function stackState(stack: Stack): StackPhase {
  return WORST.find((phase) => stack.nodes.some((each) => each.phase === phase)) ?? 'pending';
}

export function severity(stack: Stack): number {
  return WORST.indexOf(stackState(stack));
}

export function countRunning(stack: Stack): number {
  return stack.nodes.filter((each) => each.phase === 'running').length;
}

/** Nodes that do not run the newest revision yet. */
export function countBehind(stack: Stack): number {
  return stack.nodes.filter((each) => each.revision !== stack.revision).length;
}

function selectorText(selector: Labels): string {
  const pairs = Object.entries(selector).map(([key, value]) => (value === '' ? key : `${key}=${value}`));
  return pairs.length === 0 ? 'every node' : pairs.join(', ');
}

/** Where it comes from, in a word. */
export function sourceText({ source }: Pick<Stack, 'source'>): string {
  if (source === null) return 'sent';
  if (source.error !== null) return 'git, failing';
  return source.commit === null ? 'git' : `git ${source.commit.slice(0, 8)}`;
}

export function targetsText(targets: Targets, nameOf: (id: string) => string): string {
  const parts = [
    ...(targets.selector === undefined ? [] : [selectorText(targets.selector)]),
    ...(targets.nodes === undefined ? [] : targets.nodes.map(nameOf)),
  ];
  return parts.length === 0 ? 'no node' : parts.join(', ');
}
