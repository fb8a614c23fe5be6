// Single-key shortcuts: silent while somebody types or a dialog is open, and switched off by a preference (WCAG 2.1.4).
import { type KeyBindingMap, tinykeys } from 'tinykeys';
import { preference } from './preferences.ts';

const TYPING = 'input, textarea, select, [contenteditable]';

function isFree(event: KeyboardEvent): boolean {
  if (event.defaultPrevented || document.querySelector('dialog[open]') !== null) return false;
  if (event.target instanceof Element && event.target.closest(TYPING) !== null) return false;
  return preference('shortcuts') !== 'off';
}

/** Returns how to stop listening. */
export function whenShortcut(keys: Readonly<Record<string, () => void>>): () => void {
  const bindings: KeyBindingMap = {};
  for (const [key, act] of Object.entries(keys))
    bindings[key] = (event) => {
      if (!isFree(event)) return;
      event.preventDefault();
      act();
    };
  return tinykeys(window, bindings);
}

export const SHORTCUTS: readonly (readonly [string, string])[] = [
  ['/', 'Filter the list'],
  ['j  k', 'Next, previous row'],
  ['Enter', 'Open the row'],
  ['g n', 'Nodes'],
  ['g s', 'Stacks'],
  ['g d', 'Deployments'],
  ['g k', 'Secrets'],
  ['g l', 'Logs'],
  ['g e', 'Events'],
  ['g a', 'Audit'],
  ['g o', 'Notifications'],
  ['g r', 'Readers'],
  ['f  w  t', 'Logs: follow, wrap, times'],
  ['n  N', 'Logs: next, previous match'],
  ['[  ]', 'Previous, next tab'],
  ['Esc', 'Leave the filter, close a dialog'],
  ['?', 'This list'],
];
