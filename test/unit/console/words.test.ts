// Numbers, ages, labels and terminal output as the console shows them.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { plain } from '#clients/console/parts/ansi.ts';
import { labelText, parseLabels } from '#clients/console/parts/labels.ts';
import { bytes, clockOffset, duration, elapsed, running } from '#clients/console/parts/words.ts';

test('a duration has one unit, cut off', () => {
  const seconds = [-5, 0, 59, 61, 3599, 7300, 90_000].map((each) => duration(each * 1000));
  assert.deepEqual(seconds, ['0 s', '0 s', '59 s', '1 min', '59 min', '2 h', '1 d']);
});

test('work that took a while is told in tenths, then in minutes', () => {
  assert.deepEqual(
    [elapsed(20), elapsed(420), elapsed(59_900), elapsed(184_000)],
    ['< 0.1 s', '0.4 s', '59.9 s', '3 min 4 s'],
  );
  assert.deepEqual([running(4200), running(61_500)], ['4 s', '1 min 1 s']);
});

test('sizes and clock offsets', () => {
  assert.deepEqual([bytes(512), bytes(4 * 1024 ** 3), bytes(1536)], ['512 B', '4.0 GB', '1.5 kB']);
  assert.deepEqual([clockOffset(12_400), clockOffset(-3000)], ['+12 s', '−3 s']);
});

describe('labels', () => {
  test('are read as they are typed', () => {
    assert.deepEqual(parseLabels(' env=prod,region=eu  gpu '), { env: 'prod', region: 'eu', gpu: '' });
  });

  test('come back as they were', () => {
    const key = fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/);
    const value = fc.stringMatching(/^[A-Za-z0-9.]{0,8}$/);
    fc.assert(
      fc.property(fc.dictionary(key, value), (labels) =>
        assert.deepEqual(parseLabels(labelText(labels)), { ...labels }),
      ),
    );
  });
});

describe('terminal output as text', () => {
  for (const [output, expected] of [
    ['\u001b[1;32mdone\u001b[0m', 'done'],
    ['10%\r50%\r100%', '100%'],
    ['line\r', 'line'],
    ['\u001b]0;title\u0007text', 'text'],
    ['\u001b[2K\u001b[1Apulled', 'pulled'],
    ['<b>bold</b>', '<b>bold</b>'],
    ['a\tb', 'a\tb'],
    ['one\r\ntwo\nthree', 'one\ntwo\nthree'],
    ['gpj.\u202eexe', 'gpj.\\u202eexe'],
  ] as const) {
    test(JSON.stringify(output), () => assert.equal(plain(output), expected));
  }

  test('leaves no control character but the tab and the line end', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (output) => {
        // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must be gone
        assert.ok(!/[\x00-\x08\x0b-\x1f\x7f]/.test(plain(output)));
      }),
    );
  });
});
