// Secrets in words: who uses one, and what its mode means. Pure.
import type { Secret, SecretList } from '../api/shapes.ts';
import { plural } from '../parts/words.ts';

export const SECRET_NAME = '[a-z0-9][a-z0-9_.\\-]{0,62}';

export function modeWords(mode: SecretList['mode']): string {
  return mode === 'strict'
    ? 'Strict: no key of the core opens anything. A node that joins later waits until the holder of the recovery identity seals for it.'
    : 'Managed: the core’s vault seals again by itself when a stack gains a node.';
}

export function usedWords({ stacks }: Secret): string {
  return stacks.length === 0 ? 'no stack' : stacks.join(', ');
}

export function waitingWords({ waiting }: Secret): string {
  return waiting.length === 0 ? '–' : `${plural(waiting.length, 'node')} wait${waiting.length === 1 ? 's' : ''}`;
}
