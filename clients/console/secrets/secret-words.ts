// Secrets in words: who uses one, and what its mode means. Pure.
import type { Secret, SecretList } from '../api/shapes.ts';
import { plural } from '../parts/words.ts';

export function modeWords(mode: SecretList['mode']): string {
  return mode === 'strict'
    ? 'Strict: no key of the core opens anything. A node that joins later waits until the holder of the recovery identity seals for it.'
    : 'Managed: the core’s vault seals again by itself when a stack gains a node.';
}

/** For one secret, or for all that wait. */
export function rewrapCommand(name: string | null): string {
  return `overseer secret rewrap ${name === null ? '' : `${name} `}--identity FILE`;
}

export function usedWords({ stacks }: Secret): string {
  return stacks.length === 0 ? 'no stack' : stacks.join(', ');
}

export function waitingWords({ waiting }: Secret): string {
  return waiting.length === 0 ? '–' : `${plural(waiting.length, 'node')} wait${waiting.length === 1 ? 's' : ''}`;
}
