// Two texts line by line: what went, what came, and a few lines around each. A missing end of the last line is no
// difference. Pure.
import { type StructuredPatchHunk, structuredPatch } from 'diff';

export interface DiffLine {
  readonly kind: 'same' | 'gone' | 'new';
  readonly text: string;
  /** Its number in the old and in the new text, from 1. */
  readonly before: number | null;
  readonly after: number | null;
}

/** Changes that are near each other. Where it begins, from 1, and how many lines it has in each text. */
export interface Hunk extends Omit<StructuredPatchHunk, 'lines'> {
  /** Lines that are alike and left out before these. */
  readonly skipped: number;
  readonly lines: readonly DiffLine[];
}

/** As `diff -u` does. */
const CONTEXT = 3;
/**
 * Texts that differ in more lines are not compared further: all of one goes, all of the other comes. The work grows with
 * the square of this, half a second for this many; and nobody reads such a difference.
 */
const MOST_EDITS = 2000;

const KINDS: Readonly<Record<string, DiffLine['kind']>> = { ' ': 'same', '-': 'gone', '+': 'new' };

export function linesOf(text: string): string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n');
}

const ended = (text: string) => (text === '' || text.endsWith('\n') ? text : `${text}\n`);

function replaced(old: readonly string[], fresh: readonly string[]): StructuredPatchHunk {
  const lines = [...old.map((line) => `-${line}`), ...fresh.map((line) => `+${line}`)];
  return { oldStart: 1, oldLines: old.length, newStart: 1, newLines: fresh.length, lines };
}

function numbered({ oldStart, newStart, lines }: StructuredPatchHunk): DiffLine[] {
  let before = oldStart;
  let after = newStart;
  return lines.map((line) => {
    const kind = KINDS[line.charAt(0)] ?? 'same';
    return {
      ...{ kind, text: line.slice(1) },
      before: kind === 'new' ? null : before++,
      after: kind === 'gone' ? null : after++,
    };
  });
}

/** No hunk when nothing differs. `rest`: lines that are alike after the last one. */
export function lineDiff(old: string, fresh: string): { readonly hunks: readonly Hunk[]; readonly rest: number } {
  const options = { context: CONTEXT, maxEditLength: MOST_EDITS };
  const patch = structuredPatch('', '', ended(old), ended(fresh), undefined, undefined, options);
  const found = patch?.hunks ?? [replaced(linesOf(old), linesOf(fresh))];
  let told = 0;
  const hunks = found.map((hunk) => {
    const skipped = hunk.oldStart - 1 - told;
    told += skipped + hunk.oldLines;
    return { ...hunk, skipped, lines: numbered(hunk) };
  });
  return { hunks, rest: linesOf(old).length - told };
}
