// Pure: which files are looked at a second time, alone. On a small machine whole systems beside each other can starve one
// another. What fails alone as well has a fault; what passes then is named, and stays a fault of the test to be mended.
import type { Group } from './selection.ts';

/** More than that is no bad luck. */
const MOST_FILES = 4;

export interface Failed {
  readonly group: Group;
  readonly files: readonly string[];
}

/** Groups of one file each; none when a second look would say nothing new. */
export function secondLook(failed: readonly Failed[]): Group[] {
  const files = failed.flatMap(({ group, files: own }) => own.map((file) => ({ group, file })));
  // Pure tests share nothing with others.
  const isWorthIt =
    files.length <= MOST_FILES && files.every(({ group }) => group.needsParts && group.files.length > 1);
  if (!isWorthIt) return [];
  return files.map(({ group, file }) => ({ ...group, name: `alone: ${file}`, files: [file] }));
}
