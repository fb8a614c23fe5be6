// What a log may hold and what may happen to its file: each is told for what it is, and nothing crashes.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { after, before, suite, test } from 'node:test';
import { newId } from '#infra/ids.ts';
import { until } from '#test/harness/until.ts';
import { type LogNode, type LogStage, startLogStage } from './log-stage.ts';

/** Writes a line whenever its file is touched. */
const ON_DEMAND = 'i=0; while true; do if [ -e /go ]; then rm /go; i=$((i+1)); echo "line $i"; fi; sleep 0.05; done';
const rowAt = (text: string, time: string, stream = 'stdout') =>
  `${JSON.stringify({ log: `${text}\n`, stream, time })}\n`;

suite('what logs hold, and what happens to them', { timeout: 400_000 }, () => {
  let stage: LogStage;
  let node: LogNode;
  let stack: string;
  before(async () => {
    stage = await startLogStage();
  });
  after(() => stage.stop());

  async function begin(over = {}): Promise<void> {
    node = await stage.node();
    stack = `s${newId().slice(0, 8)}`;
    node.desire({ [stack]: {} });
    node.start(over);
  }
  const texts = (container: string) => node.ledger.texts(container);
  const told = (container: string, text: string) =>
    until(
      () => texts(container).includes(text),
      60_000,
      `"${text}", after ${JSON.stringify(texts(container).slice(-3))}`,
    );
  async function end(container: string, gaps: string[]): Promise<void> {
    await node.stop();
    assert.deepEqual(node.ledger.conflicts, []);
    assert.deepEqual(
      node.ledger.gapsOf(container).map(({ reason }) => reason),
      gaps,
    );
  }
  /** The container writes one more line. @returns when it is in its file */
  async function write(container: string, path: string, line: string): Promise<void> {
    stage.docker('exec', container, 'touch', '/go');
    await until(() => readFileSync(path, 'utf8').includes(`${line}\\n`), 30_000, `${line} to be in the file`);
  }

  test('a line of 10 MB comes whole, in pieces, and the lines around it too', async () => {
    await begin();
    const big = 'head -c 10000000 /dev/zero | tr "\\\\0" x';
    const container = stage.run(stack, `echo before; ${big}; echo; echo after`);
    await told(container, 'after');
    const [first, line, last] = texts(container);
    assert.deepEqual([first, last], ['before', 'after']);
    assert.equal(line?.length, 10_000_000);
    assert.match(line ?? '', /^x+$/);
    assert.ok(node.ledger.lines(container).every(({ text }) => text.length <= 64 * 1024));
    await end(container, []);
  });

  test('a line of 10 MB over rotations is whole as far as the files are', async () => {
    await begin();
    const big = 'head -c 10000000 /dev/zero | tr "\\\\0" x';
    const container = stage.run(
      stack,
      `echo before; sleep 3; ${big}; echo; echo after`,
      '--log-opt',
      'max-size=1m',
      '--log-opt',
      'max-file=20',
    );
    await told(container, 'after');
    assert.equal(texts(container)[1]?.length, 10_000_000, 'parts that are alike in files that begin alike');
    await end(container, []);
  });

  test('NUL, ANSI sequences, a terminal and bytes that are no text arrive as the engine wrote them', async () => {
    await begin();
    const bytes =
      'printf "nul \\\\000 ansi \\\\033[31mred\\\\033[0m\\\\n"; printf "bad \\\\377\\\\376 \\\\303\\\\251\\\\n"; printf unfinished';
    const container = stage.run(stack, bytes);
    await told(container, 'unfinished');
    assert.deepEqual(texts(container), ['nul \0 ansi \x1b[31mred\x1b[0m', 'bad \uFFFD\uFFFD é', 'unfinished']);
    await end(container, []);
  });

  test('rows that are none are counted as lost, and clocks may jump', async () => {
    await begin();
    const container = stage.run(stack, 'echo first; sleep 100000');
    await told(container, 'first');
    const path = stage.logPath(container);
    appendFileSync(path, 'rubbish\n{"log":"half\n\0\0\0\n');
    appendFileSync(path, rowAt('of the past', '1980-01-01T00:00:00.000000001Z'));
    appendFileSync(path, rowAt('of the future', '2099-12-31T23:59:59Z', 'stderr'));
    appendFileSync(
      path,
      Buffer.concat([
        Buffer.from('{"log":"raw '),
        Buffer.from([0xff]),
        Buffer.from('\\n","stream":"stdout","time":"2026-01-01T00:00:00Z"}\n'),
      ]),
    );
    appendFileSync(path, `${'y'.repeat(3_000_000)}\n`);
    appendFileSync(path, rowAt('last', '2026-01-01T00:00:00Z'));
    await told(container, 'last');
    assert.deepEqual(texts(container), ['first', 'of the past', 'of the future', 'raw \uFFFD', 'last']);
    const gaps = node.ledger.gapsOf(container);
    assert.deepEqual(
      gaps.map(({ first, rows }) => [first, rows]),
      [
        [1, 3],
        [7, 1],
      ],
    );
    await end(container, ['unreadable', 'unreadable']);
  });

  test('a file that is emptied, or cut at its end, is read on, and the cut is told', async () => {
    await begin();
    const container = stage.run(stack, ON_DEMAND);
    await until(() => stage.logPath(container) !== '', 30_000, 'its file');
    const path = stage.logPath(container);
    await write(container, path, 'line 1');
    await told(container, 'line 1');
    truncateSync(path, 0);
    await write(container, path, 'line 2');
    await write(container, path, 'line 3');
    await told(container, 'line 3');
    truncateSync(path, statSync(path).size - 10);
    await until(() => node.ledger.gapsOf(container).length === 2, 30_000, 'the second cut to be told');
    appendFileSync(path, '\n');
    await write(container, path, 'line 4');
    await told(container, 'line 4');
    assert.deepEqual(texts(container), ['line 1', 'line 2', 'line 3', 'line 4'], 'none twice');
    await end(container, ['truncated', 'truncated', 'unreadable']);
  });

  test('a file that was cut and grew again between two looks is noticed', async () => {
    await begin();
    const container = stage.run(stack, 'echo first; echo second; sleep 100000');
    await told(container, 'second');
    const path = stage.logPath(container);
    const [first = ''] = readFileSync(path, 'utf8').split('\n');
    const later = (text: string) => rowAt(text, new Date(Date.now() + 1000).toISOString());
    await node.stop();
    writeFileSync(path, `${first}\n${later('a third that is longer than the second')}${later('fourth')}`);
    node.start();
    await told(container, 'fourth');
    assert.deepEqual(texts(container), ['first', 'second', 'a third that is longer than the second', 'fourth']);
    await end(container, ['truncated']);
  });

  test('another file in its place is read; its own copy is known', async () => {
    await begin();
    const container = stage.run(stack, 'echo first; echo second; sleep 100000');
    await told(container, 'second');
    const path = stage.logPath(container);
    copyFileSync(path, `${path}.copy`);
    renameSync(`${path}.copy`, path);
    appendFileSync(path, rowAt('third', new Date().toISOString()));
    await told(container, 'third');
    assert.deepEqual(texts(container), ['first', 'second', 'third']);
    writeFileSync(`${path}.other`, rowAt('of another', new Date().toISOString()));
    renameSync(`${path}.other`, path);
    await told(container, 'of another');
    const reasons = node.ledger.gapsOf(container).map(({ reason }) => reason);
    assert.ok(reasons.length >= 1 && reasons.every((reason) => reason === 'rotated'), String(reasons));
    await end(container, reasons);
  });

  test('a database that can not be opened is tried again, and the log is read from its begin then', async () => {
    const folder = mkdtempSync('/tmp/ovs-none-');
    try {
      await begin({ file: `${folder}/later/logs.db` });
      const container = stage.run(stack, 'echo first');
      assert.match(node.conditions.get('logs-unwritable') ?? '', /can not be opened/);
      mkdirSync(`${folder}/later`);
      await told(container, 'first');
      await until(() => !node.conditions.has('logs-unwritable'), 30_000, 'the condition to end');
      await end(container, []);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test('a disk that is full stops nothing: it is told, and all comes when there is room', async () => {
    const mount = mkdtempSync('/tmp/ovs-full-');
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=512k', 'tmpfs', mount]);
    try {
      await begin({ file: `${mount}/logs.db` });
      const script =
        'echo first; while [ ! -e /go ]; do sleep 0.1; done; i=0; while [ $i -lt 20000 ]; do i=$((i+1)); echo "$i $(head -c 24 /dev/urandom | base64)"; done; echo last';
      const container = stage.run(stack, script);
      await told(container, 'first');
      node.isLinked = false;
      stage.docker('exec', container, 'touch', '/go');
      await until(() => node.conditions.has('logs-unwritable'), 120_000, 'the full disk to be told');
      node.isLinked = true;
      execFileSync('mount', ['-o', 'remount,size=64m', mount]);
      await stage.ended(container);
      await told(container, 'last');
      await until(() => !node.conditions.has('logs-unwritable'), 30_000, 'the condition to end');
      const numbers = node.ledger.counts(container, /^(\d+) /);
      assert.equal(numbers.size, 20_000);
      assert.ok([...numbers.values()].every((count) => count === 1));
      await end(container, []);
    } finally {
      await node.stop();
      execFileSync('umount', ['-l', mount]);
      rmSync(mount, { recursive: true, force: true });
    }
  });
});
