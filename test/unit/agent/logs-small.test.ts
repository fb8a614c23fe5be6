import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { FrameReader } from '#agent/logs/frames.ts';
import { LineRate } from '#agent/logs/rate.ts';
import { Seen } from '#agent/logs/seen.ts';
import { BatchSize } from '#agent/logs/size.ts';
import { logSpoolBytes } from '#agent/settings.ts';

suite('the rate of a stack', () => {
  const taken = (rate: LineRate, seconds: readonly number[]) => seconds.filter((second) => rate.takes(second)).length;

  test('holds by the time in the line: what was written slowly is never too much, however late it is read', () => {
    const hour = Array.from({ length: 36_000 }, (_, index) => Math.floor(index / 10));
    assert.equal(taken(new LineRate(10), hour), 36_000);
  });
  test('takes a burst of five seconds, and no more of it', () => {
    assert.equal(taken(new LineRate(10), Array(1000).fill(100)), 50);
  });
  test('counts a moment on when another container comes to it later', () => {
    const rate = new LineRate(10);
    assert.equal(taken(rate, Array(30).fill(100)), 30);
    assert.equal(taken(rate, Array(30).fill(200)), 30);
    assert.equal(taken(rate, Array(30).fill(101)), 20);
  });
  test('follows the policy', () => {
    const rate = new LineRate(1);
    assert.equal(taken(rate, Array(30).fill(100)), 5);
    rate.linesPerSecond = 2;
    assert.equal(taken(rate, Array(30).fill(100)), 5);
  });
});

const entry = (seconds: number, nanos: number, isError = false) => {
  return { isError, seconds, nanos, payload: new Uint8Array() };
};

suite('what was seen of an engine', () => {
  test('asked again, only what is new is new, in whatever order streams come', () => {
    const moment = fc.record({ nanos: fc.integer({ min: 0, max: 5 }), isError: fc.boolean() });
    fc.assert(
      fc.property(fc.array(moment, { maxLength: 30 }), fc.nat(30), (all, cut) => {
        const seen = new Seen();
        const first = all.slice(0, cut).map(({ nanos, isError }) => seen.take(entry(100, nanos, isError)));
        assert.ok(first.every(({ isNew }) => isNew));
        // As after a crash.
        const again = new Seen(seen.written());
        again.askAgain();
        const news = all.map(({ nanos, isError }) => again.take(entry(100, nanos, isError)).isNew);
        // By time and stream the first so many were seen.
        const counts = new Map<string, number>();
        for (const { nanos, isError } of all.slice(0, cut)) {
          counts.set(`${nanos}${isError}`, (counts.get(`${nanos}${isError}`) ?? 0) + 1);
        }
        const expected = all.map(({ nanos, isError }) => {
          const left = counts.get(`${nanos}${isError}`) ?? 0;
          counts.set(`${nanos}${isError}`, left - 1);
          return left <= 0;
        });
        assert.deepEqual(news, expected);
      }),
    );
  });
  test('it is asked for two seconds more than was seen, and for no more', () => {
    const seen = new Seen();
    assert.equal(seen.askAgain(), null);
    for (const second of [100, 101, 102, 103]) seen.take(entry(second, 5));
    assert.equal(seen.askAgain(), '101000000005');
  });
  test('when nothing of it comes again something may be missing', () => {
    const seen = new Seen();
    seen.take(entry(100, 1));
    seen.askAgain();
    assert.deepEqual(seen.take(entry(200, 1)), { isNew: true, isTorn: true });
    assert.deepEqual(seen.take(entry(200, 2)), { isNew: true, isTorn: false });
    seen.askAgain();
    seen.take(entry(200, 1));
    assert.deepEqual(seen.take(entry(200, 3)), { isNew: true, isTorn: false });
  });
  test('much at one time does not fill memory', () => {
    const seen = new Seen();
    for (let nanos = 0; nanos < 10_000; nanos++) seen.take(entry(100, nanos));
    assert.ok(seen.written().length < 40_000);
    assert.equal(seen.askAgain(), '100000008000');
  });
});

function frame(stream: number, text: string): Buffer {
  const payload = Buffer.from(text);
  const head = Buffer.alloc(8);
  head[0] = stream;
  head.writeUInt32BE(payload.length, 4);
  return Buffer.concat([head, payload]);
}

suite('frames of an engine', () => {
  test('are the same however they arrive', () => {
    const texts = [
      '2026-01-01T00:00:00.5Z a\n',
      '2026-01-01T00:00:01Z \n',
      'rubbish',
      '2026-01-01T00:00:02.000000001Z é',
    ];
    const bytes = Buffer.concat(texts.map((text, index) => frame(1 + (index % 2), text)));
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length)), (places) => {
        const reader = new FrameReader(false);
        const cuts = [0, ...places.toSorted((a, b) => a - b), bytes.length];
        const found = cuts.slice(1).flatMap((end, index) => reader.push(bytes.subarray(cuts[index], end)));
        const told = found.map((one) => one && [one.isError, one.nanos, Buffer.from(one.payload).toString()]);
        assert.deepEqual(told, [[false, 500_000_000, 'a\n'], [true, 0, '\n'], null, [true, 1, 'é']]);
        assert.equal(reader.end(), null);
      }),
    );
  });
  test('of a terminal are lines, the last without an end', () => {
    const reader = new FrameReader(true);
    const found = reader.push(Buffer.from('2026-01-01T00:00:00Z a\r\n2026-01-01T00:00:01Z b'));
    assert.equal(Buffer.from(found[0]?.payload ?? []).toString(), 'a\r\n');
    assert.equal(Buffer.from(reader.end()?.payload ?? []).toString(), 'b');
  });
  test('what is no such stream is refused before it fills memory', () => {
    assert.throws(() => new FrameReader(false).push(Buffer.alloc(64, 0xff)));
  });
  test('a terminal that writes on without an end is read in pieces, cut at the same places however they come', () => {
    const [begin, piece] = ['2026-01-01T00:00:01Z ', 32 * 1024] as const;
    const text = `${'x'.repeat(2.5 * piece)}\n`;
    const bytes = Buffer.from(`${begin}${text}2026-01-01T00:00:02Z next\n`);
    for (const step of [1_000, 64 * 1024, bytes.length]) {
      const reader = new FrameReader(true);
      const found = [];
      for (let at = 0; at < bytes.length; at += step) found.push(...reader.push(bytes.subarray(at, at + step)));
      assert.equal(reader.end(), null);
      const told = found.map((one) => one && [one.seconds - 1_767_225_600, one.payload.length]);
      const last = text.length - 2 * piece + begin.length;
      assert.deepEqual(
        told,
        [
          [1, piece - begin.length],
          [1, piece],
          [1, last],
          [2, 5],
        ],
        String(step),
      );
    }
  });
  test('a terminal that writes no log fills no memory', () => {
    const reader = new FrameReader(true);
    const found = Array.from({ length: 40 }, () => reader.push(Buffer.alloc(48 * 1024, 'x'))).flat();
    assert.deepEqual(found, Array(60).fill(null));
  });
});

suite('sizes', () => {
  test('a batch becomes as small as it must be, and grows again', () => {
    const size = new BatchSize();
    const before = size.enough;
    size.wasTooLarge(before, 200_000);
    assert.ok(size.enough < before / 2);
    const small = size.enough;
    for (let times = 0; times < 100; times++) size.wasTaken();
    assert.ok(size.enough > small);
    for (let times = 0; times < 100; times++) size.wasTooLarge(1e9, 1e9);
    assert.ok(size.enough >= 1024);
  });

  for (const [given, bytes] of [
    [undefined, 256 * 1024 ** 2],
    ['64k', 64 * 1024],
    ['2g', 2 * 1024 ** 3],
  ] as const) {
    test(`a spool of ${given ?? 'nothing said'}`, () => {
      assert.equal(logSpoolBytes(given === undefined ? {} : { OVERSEER_AGENT_LOG_SPOOL: given }), bytes);
    });
  }
  for (const given of ['much', '-1m', '1t', '1.5g', '5']) {
    test(`a spool of ${given} is refused`, () => {
      assert.throws(() => logSpoolBytes({ OVERSEER_AGENT_LOG_SPOOL: given }), /OVERSEER_AGENT_LOG_SPOOL/);
    });
  }
});
