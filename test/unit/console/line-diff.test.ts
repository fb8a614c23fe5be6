// What differs between two texts, as the console draws it and the CLI prints it.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { lineDiff, linesOf } from '#clients/sdk/line-diff.ts';

/** Both texts put together again from the hunks and, where lines are left out, from the old one. */
function whole(old: string, fresh: string): [old: string[], fresh: string[]] {
  const { hunks, rest } = lineDiff(old, fresh);
  const source = linesOf(old);
  const made: [string[], string[]] = [[], []];
  const alike = (count: number) => {
    const at = made[0].length;
    for (const side of made) side.push(...source.slice(at, at + count));
  };
  for (const { skipped, lines, oldStart, oldLines, newStart, newLines } of hunks) {
    alike(skipped);
    assert.deepEqual([oldStart, newStart], [made[0].length + 1, made[1].length + 1]);
    for (const { kind, text, before, after } of lines) {
      if (kind !== 'new') assert.equal(made[0].push(text), before);
      if (kind !== 'gone') assert.equal(made[1].push(text), after);
      assert.deepEqual([before === null, after === null], [kind === 'new', kind === 'gone']);
    }
    assert.deepEqual([oldStart + oldLines, newStart + newLines], [made[0].length + 1, made[1].length + 1]);
  }
  alike(rest);
  return made;
}

describe('two texts', () => {
  const line = fc.constantFrom('a', 'b', 'c', '', ' ', 'a\r', '\\ No newline at end of file');
  const texts = fc.array(line, { maxLength: 30 }).map((lines) => lines.join('\n'));

  test('a diff holds both of them whole, each line with its number', () => {
    fc.assert(
      fc.property(texts, texts, (old, fresh) => {
        assert.deepEqual(whole(old, fresh), [linesOf(old), linesOf(fresh)]);
      }),
      { numRuns: 2000 },
    );
  });

  test('what is alike has no hunk', () => {
    fc.assert(
      fc.property(texts, texts, (old, fresh) => {
        const isAlike = JSON.stringify(linesOf(old)) === JSON.stringify(linesOf(fresh));
        assert.equal(lineDiff(old, fresh).hunks.length === 0, isAlike);
      }),
    );
    assert.deepEqual(lineDiff('a\nb', 'a\nb\n'), { hunks: [], rest: 2 });
  });

  test('a change has its neighbours, and what is between two of them is not torn', () => {
    const long = Array.from({ length: 40 }, (_, at) => `line ${at}`);
    const shown = (...changed: number[]) => {
      const other = long.map((text, at) => (changed.includes(at) ? 'other' : text));
      const { hunks, rest } = lineDiff(long.join('\n'), other.join('\n'));
      return [...hunks.map(({ skipped, lines }) => [skipped, lines.length]), rest];
    };
    assert.deepEqual(shown(20), [[17, 8], 16]);
    assert.deepEqual(shown(10, 17), [[7, 16], 19]);
    assert.deepEqual(shown(10, 18), [[7, 8], [1, 8], 18]);
  });

  test('of texts that differ in too many lines all of one goes and all of the other comes', () => {
    const many = (name: string) => Array.from({ length: 20_000 }, (_, at) => `${name}${at}`).join('\n');
    const begun = performance.now();
    const { hunks, rest } = lineDiff(many('a'), many('b'));
    assert.ok(performance.now() - begun < 5_000);
    assert.equal(rest, 0);
    assert.deepEqual(
      hunks.map(({ skipped, oldLines, newLines, lines }) => [skipped, oldLines, newLines, lines.length]),
      [[0, 20_000, 20_000, 40_000]],
    );
  });
});
