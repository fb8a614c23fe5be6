// A tail over files that are written, rotated and cut under it, dropped and begun again at any moment.
import assert from 'node:assert/strict';
import { appendFileSync, existsSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { Gatherer } from '#agent/logs/gather.ts';
import { markAfter } from '#agent/logs/log-file.ts';
import { LineRate } from '#agent/logs/rate.ts';
import { Row } from '#agent/logs/row.ts';
import { type Place, stackLogs } from '#agent/logs/source.ts';
import { BLOCK_BUFFER_BYTES, Tail } from '#agent/logs/tail.ts';
import { openly } from '#agent/secrets/redactor.ts';
import { faults, LogLedger } from '#test/harness/log-ledger.ts';

const CONTAINER = 'c'.repeat(64);
const SOURCE = { container: CONTAINER, name: 'web-app-1', stack: 'web', service: 'app' };
const MOST_FILES = 3;
const shared = { row: new Row(), buffer: Buffer.allocUnsafeSlow(BLOCK_BUFFER_BYTES) };

/** A log as an engine writes it, and a tail on it. */
class Scene {
  readonly folder = mkdtempSync('/tmp/ovs-tail-');
  readonly path = `${this.folder}/x-json.log`;
  readonly ledger = new LogLedger();
  #gatherer = new Gatherer();
  #tail: Tail;
  #place: Place | null = null;
  #clock = 0;
  written = 0;

  constructor() {
    writeFileSync(this.path, '');
    this.#tail = this.#open();
  }

  #open(): Tail {
    const logs = stackLogs({ deployment: null });
    const way = { kind: 'file', path: this.path, mostFiles: MOST_FILES } as const;
    const rate = new LineRate(1e6);
    return new Tail({
      source: SOURCE,
      way,
      place: this.#place,
      logs: () => logs,
      redactor: () => openly,
      rate,
      ...shared,
    });
  }

  #row(log: string, stream: string): string {
    const nanos = String(this.written).padStart(9, '0');
    return `${JSON.stringify({ log, stream, time: `2026-01-01T00:00:00.${nanos}Z` })}\n`;
  }

  write(kind: 'out' | 'err' | 'long' | 'torn'): void {
    this.written += 1;
    const line = `line ${this.written} `;
    const stream = kind === 'err' ? 'stderr' : 'stdout';
    if (kind === 'long') appendFileSync(this.path, this.#row(line.padEnd(16_384, 'x'), stream));
    const row = this.#row(kind === 'long' ? 'end\n' : `${line}\n`, stream);
    appendFileSync(this.path, kind === 'torn' ? row.slice(0, 20) : row);
    if (kind !== 'torn') return;
    this.read(2);
    appendFileSync(this.path, row.slice(20));
  }

  rotate(): void {
    for (let number = MOST_FILES - 1; number > 0; number--) {
      const from = number === 1 ? this.path : `${this.path}.${number - 1}`;
      if (existsSync(from)) renameSync(from, `${this.path}.${number}`);
    }
    writeFileSync(this.path, '');
  }

  /** More than is kept, before anybody looks. */
  flood(): void {
    for (let times = 0; times <= MOST_FILES; times++) {
      this.write('out');
      this.rotate();
    }
  }

  read(turns: number): void {
    for (let turn = 0; turn < turns; turn++) {
      this.#clock += 400;
      this.#tail.read(this.#gatherer, this.#clock);
    }
  }

  /** What was gathered reaches the core. @param isKept the place after it, too */
  send(isKept = true): void {
    const { body, places } = this.#gatherer.take();
    if (body !== null) this.ledger.take(body);
    if (isKept) this.#place = places.get(CONTAINER) ?? this.#place;
  }

  /** As if that was kept. */
  begin(place: Place): void {
    this.#place = place;
    this.crash();
  }

  crash(): void {
    this.#tail.close();
    this.#gatherer = new Gatherer();
    this.#tail = this.#open();
  }

  finish(): void {
    for (let turn = 0; turn < 40; turn++) {
      this.read(10);
      this.send();
    }
  }

  gone(): boolean {
    this.#tail.gone();
    this.finish();
    return this.#tail.isDone;
  }

  found() {
    return faults(this.ledger.counts(CONTAINER, /^line (\d+) /), this.written);
  }

  reasons(): string[] {
    return this.ledger.gapsOf(CONTAINER).map(({ reason }) => reason);
  }

  close(): void {
    this.#tail.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function scene(name: string, play: (scene: Scene) => void): void {
  test(name, () => {
    const played = new Scene();
    try {
      play(played);
      assert.deepEqual(played.ledger.conflicts, []);
    } finally {
      played.close();
    }
  });
}

suite('a tail', () => {
  scene('reads on over rotations that it sees late, as long as the files are there', (it) => {
    it.write('out');
    it.read(2);
    for (let times = 1; times < MOST_FILES; times++) {
      it.rotate();
      it.write('err');
    }
    it.finish();
    assert.deepEqual([it.found(), it.reasons()], [{ missing: [], doubled: [] }, []]);
  });

  scene('holds on to files that it has seen', (it) => {
    it.write('out');
    for (let times = 0; times < 5; times++) {
      it.read(1);
      it.rotate();
      it.write('out');
    }
    it.finish();
    assert.deepEqual([it.found(), it.reasons()], [{ missing: [], doubled: [] }, []]);
  });

  scene('tells a gap when its file is gone', (it) => {
    it.write('out');
    it.finish();
    for (let times = 0; times < 5; times++) {
      it.rotate();
      it.write('out');
    }
    it.finish();
    assert.deepEqual(it.reasons(), ['rotated']);
    assert.deepEqual(it.found(), { missing: [2, 3], doubled: [] });
    const [gap] = it.ledger.gapsOf(CONTAINER);
    const told = it.ledger.lines(CONTAINER).map(({ at }) => String(at));
    assert.deepEqual([gap?.from, gap?.to], [told[0], told[1]]);
  });

  scene('that finds as many files as there may be tells that older ones may be gone', (it) => {
    for (let times = 0; times < 4; times++) {
      it.write('out');
      it.rotate();
    }
    it.write('out');
    it.finish();
    assert.deepEqual(it.reasons(), ['rotated']);
    assert.equal(it.ledger.gapsOf(CONTAINER)[0]?.from, null);
  });

  scene('numbers rows that come where others were cut away as rows of a file of their own', (it) => {
    for (let times = 0; times < 5; times++) it.write('out');
    it.finish();
    truncateSync(it.path, 250);
    it.read(1);
    appendFileSync(it.path, '\n');
    it.write('out');
    it.finish();
    assert.deepEqual(it.found(), { missing: [], doubled: [] });
    assert.deepEqual(it.reasons().toSorted(), ['truncated', 'unreadable']);
  });

  test('keeps nothing of what was written in its place, only when', () => {
    for (const time of ['2026-01-01T00:00:00Z', '2026-01-01T00:00:00.123456789Z']) {
      const row = `{"log":"secret\\n","stream":"stdout","attrs":{"TOKEN":"secret"},"time":"${time}"}\n`;
      const mark = markAfter('', Buffer.from(row));
      assert.ok(mark.includes(time));
      assert.ok(!/[a-z]/.test(mark.replace('time', '')), mark);
    }
  });

  scene('of a log that was read through the engine till now goes on after what was told', (it) => {
    for (let times = 0; times < 5; times++) it.write('out');
    const last = `${String(Date.parse('2026-01-01T00:00:00Z'))}000003`;
    it.begin({ file: 'e'.repeat(32), source: SOURCE, offset: 0, row: 3, next: 3, mark: '', last, seen: '' });
    it.finish();
    assert.deepEqual([it.found(), it.reasons()], [{ missing: [1, 2, 3], doubled: [] }, []]);
  });

  scene('of a removed container ends with its last word', (it) => {
    it.write('out');
    it.read(1);
    appendFileSync(it.path, '{"log":"line 2 without an end","stream":"stdout","time":"2026-01-01T00:00:01Z"}\n');
    it.written += 1;
    rmSync(it.path);
    assert.ok(it.gone());
    assert.deepEqual(it.found(), { missing: [], doubled: [] });
  });

  test('whatever happens in whatever order, each line comes once or there is a gap', () => {
    const act = fc.constantFrom(
      'out',
      'out',
      'err',
      'long',
      'torn',
      'rotate',
      'read',
      'read',
      'send',
      'lose',
      'crash',
      'flood',
    );
    let rotated = 0;
    fc.assert(
      fc.property(fc.array(act, { maxLength: 80 }), (acts) => {
        const it = new Scene();
        try {
          for (const what of acts) {
            if (what === 'rotate') it.rotate();
            else if (what === 'flood') it.flood();
            else if (what === 'read') it.read(1);
            else if (what === 'send') it.send();
            else if (what === 'lose') it.send(false);
            else if (what === 'crash') it.crash();
            else it.write(what);
          }
          it.write('out');
          it.finish();
          assert.deepEqual(it.ledger.conflicts, []);
          const { missing, doubled } = it.found();
          assert.deepEqual(doubled, []);
          if (missing.length > 0) assert.ok(it.reasons().includes('rotated'), `${missing} of ${it.written}`);
          rotated += missing.length;
        } finally {
          it.close();
        }
      }),
      { numRuns: 400 },
    );
    assert.ok(rotated > 0, 'control: something was lost to rotation at times');
  });
});
