// What the logs service counts, and what of it does not work. Pure.
import type { Standing } from './store/forwards.ts';

/** `lokiPosition`, `lokiBehindSeconds` and `lokiRefused`, and the same of each other target. */
export function countsOf(standings: readonly Standing[]): Record<string, number> {
  return Object.fromEntries(
    standings.flatMap(({ target, position, behindSeconds, refused }) => [
      [`${target}Position`, position],
      [`${target}BehindSeconds`, behindSeconds],
      [`${target}Refused`, refused],
    ]),
  );
}

/** Null when all works. */
export function faultsOf(standings: readonly Standing[]): Record<string, string> | null {
  const found = standings.flatMap(({ target, fault }) => (fault === null ? [] : [[target, fault]]));
  return found.length === 0 ? null : Object.fromEntries(found);
}
