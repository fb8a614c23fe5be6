// What differs between two texts, in the form of `diff -u`. Pure.
import { lineDiff } from '#clients/sdk/line-diff.ts';

const SIGNS = { same: ' ', gone: '-', new: '+' } as const;

/** Of no line it names the one before. */
const range = (start: number, count: number) => `${count === 0 ? start - 1 : start}${count === 1 ? '' : `,${count}`}`;

/** Empty when they are the same. */
export function difference(a: string, b: string, names: readonly [string, string]): string[] {
  const told = lineDiff(a, b).hunks.flatMap(({ oldStart, oldLines, newStart, newLines, lines }) => [
    `@@ -${range(oldStart, oldLines)} +${range(newStart, newLines)} @@`,
    ...lines.map(({ kind, text }) => SIGNS[kind] + text),
  ]);
  return told.length === 0 ? [] : [`--- ${names[0]}`, `+++ ${names[1]}`, ...told];
}
