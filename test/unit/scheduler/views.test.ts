// What views are bounded by: how much of a node's steps is kept, how pages end, what a large stack says of its nodes.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { bytesOf, cursorOf, fitting, narrowed, pageOf } from '#services/scheduler/cursor.ts';
import { kept, LINES_A_TARGET, OUTPUT_BYTES_A_TARGET, type Used, withinShare } from '#services/scheduler/kept-steps.ts';
import { lightened } from '#services/scheduler/lightened.ts';
import type { StackOnNode } from '#subjects/schema/stack.ts';

const NOTHING: Used = { events: 0, lines: 0, bytes: 0, outputBytes: 0 };

describe('what is kept of a node', () => {
  test('whatever it tells, lines and bytes stay bounded and every line is kept or counted', () => {
    const events = fc.array(fc.array(fc.string({ maxLength: 4096 }), { maxLength: 500 }), { maxLength: 20 });
    fc.assert(
      fc.property(events, fc.nat(LINES_A_TARGET), fc.nat(OUTPUT_BYTES_A_TARGET), (told, lines, bytes) => {
        let used: Used = { ...NOTHING, lines, bytes, outputBytes: bytes };
        let counted = 0;
        for (const one of told) {
          const found = kept({ step: 'up', told: { lines: one } }, used);
          counted += found === null ? one.length : found.lines + found.dropped;
          if (found === null) continue;
          assert.deepEqual(found.told, { lines: one.slice(0, found.lines) });
          used = {
            ...{ events: used.events + 1, lines: used.lines + found.lines },
            ...{ bytes: used.bytes + found.bytes, outputBytes: used.outputBytes + found.bytes },
          };
        }
        assert.ok(used.lines <= LINES_A_TARGET && used.outputBytes <= OUTPUT_BYTES_A_TARGET);
        assert.equal(counted, told.flat().length);
      }),
      { numRuns: 50 },
    );
  });

  test('steps still stand when the output is cut, up to a number and to their own bytes', () => {
    const full: Used = {
      events: 10,
      lines: LINES_A_TARGET,
      bytes: OUTPUT_BYTES_A_TARGET,
      outputBytes: OUTPUT_BYTES_A_TARGET,
    };
    const started = { step: 'up', told: { why: 'x' } };
    assert.equal(kept({ step: 'up', told: { lines: ['a'] } }, full), null);
    assert.deepEqual(kept(started, full)?.told, { why: 'x' });
    assert.equal(kept(started, { ...full, events: 1000 }), null);
    assert.equal(kept(started, { ...full, bytes: 512 * 1024 }), null);
  });

  test('a share cuts within an event, and counts what it leaves out', () => {
    const event = { told: { lines: ['aa', 'bb', 'cc'] }, leftOut: 0 };
    assert.deepEqual(withinShare(event, 0, 100), event);
    // Each line takes its quotes and a comma.
    assert.deepEqual(withinShare(event, 0, 10), { told: { lines: ['aa', 'bb'] }, leftOut: 1 });
    assert.deepEqual(withinShare(event, 6, 10), { told: { lines: [] }, leftOut: 3 });
    assert.deepEqual(withinShare({ told: { why: 'x' }, leftOut: 0 }, 90, 10), { told: { why: 'x' }, leftOut: 0 });
  });
});

describe('pages', () => {
  test('any list is had whole, whatever its rows weigh, and no page but of one row is over its bytes', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(2000), { maxLength: 40 }), fc.integer({ min: 1, max: 3000 }), (weights, room) => {
        for (let at = 0; at < weights.length; ) {
          const page = fitting(weights.slice(at), (weight) => weight, room);
          assert.ok(page.length > 0);
          assert.ok(page.length === 1 || page.reduce((sum, weight) => sum + weight, 0) <= room);
          at += page.length;
        }
      }),
    );
  });

  test('a page that its bytes cut leads on where it was cut', () => {
    const rows = ['a', 'b', 'c'].map((name) => ({ name, text: name.repeat(400_000) }));
    const cursor = ({ name }: { name: string }) => cursorOf('list', name);
    const page = pageOf(rows, 3, cursor);
    assert.deepEqual([page.items.length, page.nextCursor], [1, cursorOf('list', 'a')]);
    assert.deepEqual(narrowed({ items: rows, nextCursor: 'z' }, cursor), page);
    const small = rows.map(({ name }) => ({ name }));
    assert.deepEqual(narrowed({ items: small, nextCursor: 'z' }, cursor), { items: small, nextCursor: 'z' });
    assert.equal(pageOf(small, 3, cursor).nextCursor, null);
    assert.equal(pageOf(small, 2, cursor).nextCursor, cursorOf('list', 'b'));
  });
});

describe('nodes of a large stack', () => {
  const differences = (count: number) =>
    Array.from({ length: count }, (_, index) => ({
      ...{ kind: 'image' as const, service: `web-${index}`, container: 'c', subject: 'busybox:1' },
      ...{ expected: 'e'.repeat(64), actual: 'a'.repeat(64) },
    }));
  const nodes = (count: number, drifted: number): StackOnNode[] =>
    Array.from({ length: count }, (_, index) => ({
      ...{ node: String(index).padStart(26, 'a'), phase: 'running', revision: 1, reason: index % 2 ? null : 'because' },
      drift: differences(drifted),
    }));

  test('that fits is told as it is', () => {
    assert.deepEqual(lightened(nodes(100, 3)), nodes(100, 3));
  });

  test('every node stays, and says how many of its differences do not', () => {
    const some = lightened(nodes(1000, 50));
    assert.equal(some.length, 1000);
    assert.ok(bytesOf(some) <= 3 * 1024 * 1024);
    assert.equal(some[0]?.drift.length, 5);
    assert.equal(some[0]?.reason, 'because; 45 of its differences are left out here');
    assert.equal(some[1]?.reason, '45 of its differences are left out here');
    const bare = lightened(nodes(100, 1), 1000);
    assert.deepEqual([bare.length, bare[0]?.drift], [100, []]);
  });
});
