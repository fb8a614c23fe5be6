// Batches on their way: in memory while the core takes them, on disk when it does not, and places only behind them.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, suite, test } from 'node:test';
import fc from 'fast-check';
import type { Gathered } from '#agent/logs/gather.ts';
import { type Outgoing, startOutgoing } from '#agent/logs/outgoing.ts';
import { sender } from '#agent/logs/sending.ts';
import { maySpool } from '#agent/logs/share.ts';
import { BatchSize } from '#agent/logs/size.ts';
import { type LogStore, openLogStore } from '#agent/logs/store.ts';
import { type ErrorCode, OverseerError } from '#subjects/errors.ts';
import type { LogBatch } from '#subjects/schema/log-batch.ts';
import { encodeLines } from '#subjects/schema/log-lines.ts';

const quiet = { warn() {}, info() {} };
const FILE = 'f'.repeat(32);

function container(name: string) {
  return { container: name.padEnd(64, '0'), name, stack: 's', service: 'a' };
}

/** Lines of one container from that row on; a row a line. */
function batch(name: string, first: number, lines: number, text = 'x'): Gathered {
  const source = container(name);
  const encoded = Array.from({ length: lines }, (_, index) => {
    return { stream: 'stdout' as const, isPiece: false, at: BigInt(index), rows: 1, text: `${text} ${first + index}` };
  });
  const chunk = {
    ...source,
    deployment: null,
    keepDays: null,
    file: FILE,
    first,
    rows: lines,
    lines,
    from: '0',
    to: '9',
  };
  const body: LogBatch = { kind: 'log', chunks: [{ ...chunk, text: encodeLines(0n, encoded) }], gaps: [] };
  const next = first + lines;
  const place = { file: FILE, source, offset: next * 10, row: next, next, mark: '', last: null };
  return { body, places: new Map([[source.container, place]]), shares: new Map([[source.container, 100]]) };
}

/** The next row of each container, as the disk knows it. */
const placesOf = (store: LogStore) =>
  Object.fromEntries([...store.places()].map(([id, { row }]) => [id.replace(/0+$/, ''), row]));

suite('batches on their way', () => {
  let folder: string;
  let store: LogStore;
  let outgoing: Outgoing;
  let clock: number;
  let answer: (body: LogBatch) => ErrorCode | 'later' | null;
  /** Rows that the core has, as `a3`. */
  let core: string[];
  let waiting: (() => void)[];

  function open(spoolBytes = 1e9): void {
    store = openLogStore(`${folder}/logs.db`, { log: quiet, now: () => clock });
    const bus = {
      isConnected: true,
      async emit(_name: unknown, _to: unknown, body: LogBatch) {
        const code = answer(body);
        if (code === 'later') await new Promise<void>((resolve) => waiting.push(resolve));
        else if (code !== null) throw new OverseerError(code, code, { fields: { actual: 1000, compressed: 500 } });
        for (const { name, first, rows } of body.chunks) {
          for (let row = first; row < first + rows; row++) core.push(`${name}${row}`);
        }
        return 1;
      },
    };
    const sends = sender({ node: 'n', epoch: 'e', bus: () => bus as never, size: new BatchSize(), log: quiet });
    const parts = { store, sender: sends, spoolBytes, isConnected: () => true, log: quiet, random: () => 0.5 };
    outgoing = startOutgoing({ ...parts, now: () => clock });
  }

  beforeEach(() => {
    folder = mkdtempSync('/tmp/ovs-out-');
    [clock, core, waiting, answer] = [1_000_000, [], [], () => null];
    open();
  });
  afterEach(() => {
    store.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Lets everything that is on its way come through, and time pass. */
  async function settle(): Promise<void> {
    for (let turns = 0; turns < 60; turns++) {
      clock += 1_000;
      outgoing.tick(clock);
      for (const resolve of waiting.splice(0)) resolve();
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  const crash = () => {
    outgoing.stop = () => {};
    store.close();
  };

  test('a place is on disk only when what is before it is stored', async () => {
    answer = ({ chunks }) => (chunks[0]?.first === 0 ? 'later' : null);
    outgoing.push(batch('a', 0, 3));
    outgoing.push(batch('a', 3, 3));
    clock += 5_000;
    await new Promise((resolve) => setImmediate(resolve));
    outgoing.tick(clock);
    assert.deepEqual(core, ['a3', 'a4', 'a5'], 'control: the second one is there');
    assert.deepEqual(placesOf(store), {});
    await settle();
    assert.deepEqual(placesOf(store), { a: 6 });
    assert.ok(outgoing.isIdle);
  });

  test('what fails is on disk at once, with what comes after it, and comes in order when the core takes it', async () => {
    answer = () => 'unavailable';
    for (let first = 0; first < 90; first += 3) outgoing.push(batch('a', first, 3));
    await new Promise((resolve) => setImmediate(resolve));
    outgoing.push(batch('b', 0, 1));
    assert.equal(outgoing.waitsSince, clock);
    assert.deepEqual(placesOf(store), { a: 90, b: 1 });
    crash();
    answer = () => null;
    open();
    assert.ok(store.last > 0);
    outgoing.push(batch('b', 1, 1));
    await settle();
    assert.deepEqual(core, [...Array.from({ length: 90 }, (_, row) => `a${row}`), 'b0', 'b1']);
    assert.ok(outgoing.isIdle && outgoing.waitsSince === null && store.bytes === 0);
  });

  test('one that is too large goes in halves; one line that can not go is told as a gap', async () => {
    answer = ({ chunks: [chunk] }) => ((chunk?.lines ?? 0) > 2 || chunk?.text.includes('huge') ? 'too-large' : null);
    const gaps: LogBatch['gaps'] = [];
    const before = answer;
    answer = (body) => {
      gaps.push(...body.gaps);
      return before(body);
    };
    outgoing.push(batch('a', 0, 9));
    outgoing.push(batch('a', 9, 1, 'huge'));
    await settle();
    assert.deepEqual(
      core,
      Array.from({ length: 9 }, (_, row) => `a${row}`),
    );
    assert.deepEqual(
      gaps.map(({ first, rows, reason }) => [first, rows, reason]),
      [[9, 1, 'unreadable']],
    );
    assert.deepEqual(placesOf(store), { a: 10 });
  });

  test('a core that is slow makes the spool take over, and reading pauses only when that is full', async () => {
    store.close();
    open(3_000);
    answer = () => 'later';
    let pushed = 0;
    for (let turns = 0; turns < 200; turns++) {
      clock += 100;
      if (!outgoing.hasRoom(clock)) continue;
      outgoing.push(batch('a', pushed, 1, 'x'.repeat(50)));
      pushed += 1;
    }
    assert.ok(outgoing.isFull && !outgoing.hasRoom(clock));
    assert.ok(pushed > 8 && pushed < 200);
    answer = () => null;
    await settle();
    assert.deepEqual(core.toSorted(), Array.from({ length: pushed }, (_, row) => `a${row}`).toSorted());
    assert.ok(outgoing.hasRoom(clock) && !outgoing.isFull);
  });

  test('what can not be read again is on disk before it is sent', () => {
    answer = () => {
      assert.deepEqual(placesOf(store), { a: 3 });
      return null;
    };
    outgoing.push({ ...batch('a', 0, 3), isKeptFirst: true });
    assert.equal(store.last, 1);
  });

  test('whatever the core answers and whenever it crashes, every row arrives', async () => {
    const act = fc.constantFrom('push', 'push', 'push', 'tick', 'fail', 'heal', 'later', 'crash', 'yield');
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 60 }), async (acts) => {
        store.close();
        rmSync(folder, { recursive: true, force: true });
        folder = mkdtempSync('/tmp/ovs-out-');
        [core, waiting, answer] = [[], [], () => null];
        open();
        let next = 0;
        for (const what of acts) {
          clock += 400;
          if (what === 'push' && outgoing.hasRoom(clock)) {
            outgoing.push(batch('a', next, 2));
            next += 2;
          } else if (what === 'tick') outgoing.tick(clock);
          else if (what === 'fail') answer = () => 'timeout';
          else if (what === 'heal') answer = () => null;
          else if (what === 'later') answer = () => 'later';
          else if (what === 'yield') await new Promise((resolve) => setImmediate(resolve));
          else if (what === 'crash') {
            crash();
            open();
            // Reading goes on from the place on disk.
            next = placesOf(store)['a'] ?? 0;
          }
        }
        answer = () => null;
        const last = next + 2;
        while (next < last) {
          clock += 400;
          if (outgoing.hasRoom(clock)) {
            outgoing.push(batch('a', next, 2));
            next += 2;
          }
          await settle();
        }
        await settle();
        const arrived = new Set(core);
        for (let row = 0; row < last; row++) assert.ok(arrived.has(`a${row}`), `row ${row} of ${last}`);
        assert.deepEqual(placesOf(store), { a: last });
        assert.ok(outgoing.isIdle);
      }),
      { numRuns: 60 },
    );
  });

  test('a database that is none any more is set aside', () => {
    store.close();
    rmSync(`${folder}/logs.db-wal`, { force: true });
    writeFileSync(`${folder}/logs.db`, 'rubbish'.repeat(10_000));
    const warnings: string[] = [];
    store = openLogStore(`${folder}/logs.db`, {
      log: { warn: (_, text) => void warnings.push(text) },
      now: () => clock,
    });
    assert.equal(warnings.length, 1);
    assert.deepEqual(placesOf(store), {});
  });
});

suite('shares of the spool', () => {
  for (const [held, bytes, containers, may] of [
    [0, 0, 1, true],
    [400, 499, 10, true],
    [99, 500, 10, true],
    [100, 500, 10, false],
    [0, 999, 10, true],
    [0, 1000, 10, false],
    [600, 600, 1, true],
    [0, 600, 0, true],
  ] as const) {
    test(`${held} of ${bytes} among ${containers}: ${may ? 'more' : 'no more'}`, () => {
      assert.equal(maySpool(held, { bytes, limit: 1000, containers }), may);
    });
  }
});
