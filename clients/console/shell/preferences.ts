// What this browser's user prefers: theme, density, shortcuts. Kept in the browser, never on the core.
import { useSyncExternalStore } from 'react';

const DEFAULTS = {
  ...{ theme: 'system', density: 'auto', shortcuts: 'on' },
  ...{ logTimes: 'local', logWrap: 'on', logColours: 'on' },
} as const;
export type PreferenceName = keyof typeof DEFAULTS;

const CHANGED = 'overseer:theme';
const unsaved = new Map<PreferenceName, string>();

export function preference(name: PreferenceName): string {
  try {
    return localStorage.getItem(`overseer.${name}`) ?? unsaved.get(name) ?? DEFAULTS[name];
  } catch {
    return unsaved.get(name) ?? DEFAULTS[name];
  }
}

export function prefer(name: PreferenceName, value: string): void {
  unsaved.set(name, value);
  try {
    localStorage.setItem(`overseer.${name}`, value);
  } catch {
    // Forbidden storage: the choice lasts as long as the page.
  }
  dispatchEvent(new Event(CHANGED));
}

function subscribe(listener: () => void): () => void {
  addEventListener(CHANGED, listener);
  addEventListener('storage', listener);
  return () => {
    removeEventListener(CHANGED, listener);
    removeEventListener('storage', listener);
  };
}

export function usePreference(name: PreferenceName): string {
  return useSyncExternalStore(subscribe, () => preference(name));
}

const wide = matchMedia('(min-width: 1280px)');
function onWidth(listener: () => void): () => void {
  wide.addEventListener('change', listener);
  return () => wide.removeEventListener('change', listener);
}

/** Height of a list's row in pixels. */
export function useDensity(): number {
  const chosen = usePreference('density');
  const isWide = useSyncExternalStore(onWidth, () => wide.matches);
  if (chosen === 'auto') return isWide ? 28 : 36;
  return chosen === 'compact' ? 28 : 36;
}
