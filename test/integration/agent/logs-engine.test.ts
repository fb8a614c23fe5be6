// Logs of other drivers, through the engine; and secrets, which are taken out of either.
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { REDACTED, redactor } from '#agent/secrets/redactor.ts';
import { faults } from '#test/harness/log-ledger.ts';
import { until } from '#test/harness/until.ts';
import { type LogNode, type LogStage, startLogStage } from './log-stage.ts';

const NUMBER = /^line (\d+)$/;
const numbered = (last: number, from = 1) =>
  `i=${from - 1}; while [ $i -lt ${last} ]; do i=$((i+1)); echo "line $i"; if [ $((i%50)) = 0 ]; then echo err >&2; sleep 0.05; fi; done`;
const LOCAL = ['--log-driver', 'local'];

suite('logs through the engine', { timeout: 400_000 }, () => {
  let stage: LogStage;
  before(async () => {
    stage = await startLogStage();
  });
  after(() => stage.stop());

  async function complete(node: LogNode, container: string, last: number): Promise<void> {
    const found = () => faults(node.ledger.counts(container, NUMBER), last);
    await until(() => found().missing.length === 0, 90_000, `${last} lines`);
    assert.deepEqual(found().doubled, []);
    assert.deepEqual(node.ledger.conflicts, []);
    assert.deepEqual(node.ledger.gapsOf(container), []);
  }

  test('another driver: each line once, over kill -9 and over restarts of the container', async () => {
    const node = await stage.node();
    node.desire({ local: {} });
    const script = `if [ -e /second ]; then ${numbered(6000, 4001)}; else touch /second; ${numbered(4000)}; fi`;
    const container = stage.run('local', script, ...LOCAL);
    for (let kills = 0; kills < 4; kills++) {
      const lines = node.ledger.lines(container).length;
      node.spawn();
      await until(() => node.ledger.lines(container).length > lines, 60_000, 'lines of this start');
      await node.kill();
    }
    node.start();
    await complete(node, container, 4000);
    await stage.ended(container);
    stage.docker('start', container);
    await complete(node, container, 6000);
    assert.equal(node.ledger.lines(container).filter(({ stream }) => stream === 'stderr').length, 120);
    assert.equal(new Set(node.ledger.chunks.map(({ file }) => file)).size, 1, 'one file, made once');
    await node.stop();
  });

  test('files that are packed, a terminal, and a long line', async () => {
    const node = await stage.node();
    node.desire({ packed: {}, terminal: {}, endless: {}, none: {} });
    node.start();
    const packed = stage.run(
      'packed',
      `head -c 100000 /dev/zero | tr "\\\\0" x; echo; ${numbered(100)}`,
      ...['--log-opt', 'max-size=10m', '--log-opt', 'max-file=3', '--log-opt', 'compress=true'],
    );
    const terminal = stage.run('terminal', 'echo "line 1"; echo "line 2" >&2; printf unfinished', ...LOCAL, '-t');
    const endless = stage.run('endless', 'head -c 2000000 /dev/zero | tr "\\0" x; echo; echo "line 1"', ...LOCAL, '-t');
    const long = 'x'.repeat(1_000);
    const flood = stage.run('packed', `yes ${long} | head -n 4000; echo "line 1"`, ...LOCAL);
    const none = stage.run('none', 'echo "line 1"', '--log-driver', 'none');
    await complete(node, packed, 100);
    assert.ok(node.ledger.texts(packed).includes('x'.repeat(100_000)), 'put together from its parts');
    await until(() => node.ledger.texts(terminal).length === 3, 60_000, 'what a terminal showed');
    assert.deepEqual(node.ledger.texts(terminal), ['line 1\r', 'line 2\r', 'unfinished']);
    // The engine puts its time between the parts of a long line, and leaves out the newline behind the last.
    const shown = () => node.ledger.texts(endless).join('');
    await until(() => shown().endsWith('line 1\r'), 60_000, 'what comes after a line of megabytes');
    assert.equal(shown().replace(/[^x]/g, '').length, 2_000_000);
    await complete(node, flood, 1);
    assert.equal(node.ledger.texts(flood).filter((text) => text === long).length, 4_000);
    await stage.ended(none);
    assert.deepEqual(node.ledger.lines(none), []);
    stage.docker('rm', terminal, none);
    await node.stop();
  });

  test('values of secrets leave neither through a file nor through the engine, however a line is parted', async () => {
    const node = await stage.node();
    const value = 'canary-5f0a9be1c7d34a82';
    node.desire({ secret: {}, open: {} });
    const redact = redactor([value]);
    node.start({ redactor: (stack) => (stack === 'secret' ? redact : redactor([])) });
    // The value lies over the end of a part of 16 kB, and over the end of a piece of 64 kB.
    const parted = (before: number) => `head -c ${before} /dev/zero | tr "\\\\0" x; echo ${value} after`;
    const script = `echo "line 1"; echo "pass=${value}!"; ${parted(16_374)}; ${parted(65_526)}; echo "line 2"`;
    const containers = [stage.run('secret', script), stage.run('secret', script, ...LOCAL)];
    const open = stage.run('open', script);
    for (const container of [...containers, open]) await complete(node, container, 2);
    for (const container of containers) {
      const texts = node.ledger.texts(container);
      assert.equal(texts[1], `pass=${REDACTED}!`);
      assert.equal(texts[2], `${'x'.repeat(16_374)}${REDACTED} after`);
      assert.equal(texts[3], `${'x'.repeat(65_526)}${REDACTED} after`);
    }
    const told = JSON.stringify(node.ledger.chunks.filter(({ stack }) => stack === 'secret'));
    assert.ok(!told.includes('canary') && !told.includes('c7d34a82'));
    assert.equal(node.ledger.texts(open)[1], `pass=${value}!`, 'control: it was printed');
    await node.stop();
  });
});
