// Container logs over a real engine and a real bus: every line once, over rotation, crashes and cut links.
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { faults } from '#test/harness/log-ledger.ts';
import { until } from '#test/harness/until.ts';
import { type LogNode, type LogStage, startLogStage } from './log-stage.ts';

const NUMBER = /^line (\d+) /;
const ROTATED = ['--log-opt', 'max-size=100k', '--log-opt', 'max-file=5'];
/** @param pace what it does after each line */
const numbered = (last: number, pace = '') =>
  `i=0; while [ $i -lt ${last} ]; do i=$((i+1)); echo "line $i of a container that writes"; ${pace} done`;
/** Begins when it is told to, so that it is followed from its first line on. */
const waiting = (script: string) => `echo ready; while [ ! -e /go ]; do sleep 0.1; done; ${script}`;
const EVERY_100 = (what: string) => `if [ $((i%100)) = 0 ]; then ${what}; fi;`;

suite('logs of containers', { timeout: 400_000 }, () => {
  let stage: LogStage;
  before(async () => {
    stage = await startLogStage();
  });
  after(() => stage.stop());

  const faultsOf = (node: LogNode, container: string, last: number) =>
    faults(node.ledger.counts(container, NUMBER), last);
  const complete = (node: LogNode, container: string, last: number) =>
    until(() => faultsOf(node, container, last).missing.length === 0, 90_000, `${last} lines`);

  async function begin(node: LogNode, container: string): Promise<void> {
    await until(() => node.ledger.texts(container).includes('ready'), 60_000, 'the container to be followed');
    stage.docker('exec', container, 'touch', '/go');
  }

  function isExactlyOnce(node: LogNode, container: string, last: number): void {
    assert.deepEqual(faultsOf(node, container, last), { missing: [], doubled: [] });
    assert.deepEqual(node.ledger.conflicts, []);
    assert.deepEqual(node.ledger.gapsOf(container), []);
  }

  test('every line comes once over rotation, with its stream and its source', async () => {
    const node = await stage.node();
    node.desire({ web: { keepDays: 7 } });
    node.start();
    const script = waiting(numbered(10_000, EVERY_100('echo oops >&2; sleep 0.05')));
    const container = stage.run('web', script, ...ROTATED, '--name', 'web-app-1');
    await begin(node, container);
    await complete(node, container, 10_000);
    isExactlyOnce(node, container, 10_000);
    const { name, stack, service, keepDays } = node.ledger.chunks[0] ?? {};
    assert.deepEqual(
      { name, stack, service, keepDays },
      { name: 'web-app-1', stack: 'web', service: 'app', keepDays: 7 },
    );
    assert.equal(node.ledger.lines(container).filter(({ stream }) => stream === 'stderr').length, 100);
    assert.ok(new Set(node.ledger.chunks.map(({ file }) => file)).size > 5, 'control: it was rotated');
    await node.stop();
  });

  test('kill -9 again and again loses nothing, and what is sent again has the places it had', async () => {
    const node = await stage.node();
    node.desire({ crash: {} });
    const container = stage.run(
      'crash',
      numbered(30_000, EVERY_100('sleep 0.04')),
      '--log-opt',
      'max-size=1m',
      '--log-opt',
      'max-file=3',
    );
    for (let kills = 0; kills < 6; kills++) {
      const before = node.ledger.lines(container).length;
      node.spawn();
      await until(() => node.ledger.lines(container).length > before, 60_000, 'lines of this start');
      await pause(300);
      await node.kill();
    }
    node.start();
    await complete(node, container, 30_000);
    isExactlyOnce(node, container, 30_000);
    assert.ok(node.ledger.again > 0, 'control: something was sent twice');
    await node.stop();
  });

  test('what the engine throws away while the link is down comes when it is back', async () => {
    const node = await stage.node();
    node.desire({ away: {} });
    node.start();
    const container = stage.run('away', waiting(numbered(20_000, EVERY_100('sleep 0.05'))), ...ROTATED);
    await begin(node, container);
    node.isLinked = false;
    await stage.ended(container);
    const kept = stage
      .docker('logs', container)
      .split('\n')
      .filter((line) => NUMBER.test(line)).length;
    assert.ok(kept < 15_000, `control: the engine has ${kept} of them left`);
    assert.ok(node.ledger.lines(container).length < 10_000, 'control: the link was away');
    // The spool outlives the agent, too.
    await node.stop();
    node.isLinked = true;
    node.start();
    await complete(node, container, 20_000);
    isExactlyOnce(node, container, 20_000);
    await node.stop();
  });

  test('with no room for it, what is lost is told as a gap, and nothing else is', async () => {
    const node = await stage.node();
    node.desire({ full: {} });
    node.start({ spoolBytes: 20_000 });
    const container = stage.run('full', waiting(numbered(20_000, EVERY_100('sleep 0.02'))), ...ROTATED);
    await begin(node, container);
    node.isLinked = false;
    await until(() => node.conditions.has('logs-behind'), 60_000, 'the full spool to be told');
    await stage.ended(container);
    node.isLinked = true;
    await until(() => faultsOf(node, container, 20_000).missing.at(-1) !== 20_000, 60_000, 'the last line');
    const { missing, doubled } = faultsOf(node, container, 20_000);
    assert.deepEqual(doubled, []);
    assert.ok(missing.length > 1000, 'control: something was lost');
    const gaps = node.ledger.gapsOf(container);
    assert.ok(gaps.length > 0 && gaps.every(({ reason }) => reason === 'spool-full'), JSON.stringify(gaps));
    const told = node.ledger.lines(container);
    const after = (number: number) => told.find(({ text }) => text.startsWith(`line ${number} `))?.at ?? null;
    for (const number of missing) {
      if (missing.includes(number - 1)) continue;
      const before = after(number - 1);
      assert.ok(
        gaps.some(({ from }) => from === String(before)),
        `a gap begins after line ${number - 1}`,
      );
    }
    assert.ok(
      !node.conditions.has('logs-behind') ||
        (await until(() => !node.conditions.has('logs-behind'), 30_000, 'all well')),
    );
    await node.stop();
  });

  test('a gap tells of what was rotated away while no agent was there', async () => {
    const node = await stage.node();
    node.desire({ down: {} });
    node.start();
    const container = stage.run(
      'down',
      `${numbered(100)}; while [ ! -e /go ]; do sleep 0.1; done; ${numbered(20_000)}`,
      ...ROTATED,
    );
    await complete(node, container, 100);
    await node.stop();
    stage.docker('exec', container, 'touch', '/go');
    await stage.ended(container);
    node.start();
    await until(() => node.ledger.counts(container, NUMBER).has(20_000), 60_000, 'the last line');
    assert.deepEqual(node.ledger.conflicts, []);
    const [gap, ...more] = node.ledger.gapsOf(container);
    assert.deepEqual(more, []);
    assert.equal(gap?.reason, 'rotated');
    const told = node.ledger.lines(container).map(({ at }) => String(at));
    assert.equal(gap?.from, told[99], 'the last line before');
    assert.equal(gap?.to, told[100], 'the first line after');
    await node.stop();
  });

  test('a container that is removed is read to its end; one that comes and goes at once, too', async () => {
    const node = await stage.node();
    node.desire({ short: {} });
    node.start();
    const container = stage.run('short', numbered(5000));
    await until(() => node.ledger.lines(container).length > 0, 30_000, 'its first lines');
    stage.docker('rm', '-f', container);
    const last = Math.max(...node.ledger.counts(container, NUMBER).keys());
    assert.ok(last > 0);
    const quick = stage.run('short', numbered(50));
    await stage.ended(quick);
    await complete(node, quick, 50);
    stage.docker('rm', quick);
    const bare = ['--label', 'com.docker.compose.project=short', '--name', 'by-hand'];
    const byHand = stage
      .docker('run', '-d', '--init', ...bare, 'overseer-test/busybox:1', 'echo', 'line 1 by hand')
      .trim();
    await complete(node, byHand, 1);
    assert.equal(node.ledger.chunks.at(-1)?.service, 'by-hand', 'labels that somebody left out');
    const named = stage.docker('run', '-d', '--init', 'overseer-test/busybox:1', 'echo', 'line 1 of nobody').trim();
    await stage.ended(named);
    assert.deepEqual(node.ledger.lines(named), []);
    assert.deepEqual(node.ledger.conflicts, []);
    await node.stop();
  });

  test('a policy leaves out what nobody wants, and counts what is too much', async () => {
    const node = await stage.node();
    node.desire({ errors: { collect: 'errors' }, off: { collect: 'off' }, slow: { linesPerSecond: 100 } });
    node.start();
    const mixed = 'for i in 1 2 3; do echo "line $i out"; echo "line $i err" >&2; done; sleep 1; echo "line 4 err" >&2';
    const [errors, off, slow] = [
      stage.run('errors', mixed),
      stage.run('off', mixed),
      stage.run('slow', numbered(3000)),
    ];
    await until(() => node.ledger.lines(errors).length === 4, 60_000, 'errors');
    const toldRows = () => {
      const gaps = node.ledger.gapsOf(slow).reduce((sum, { rows }) => sum + (rows ?? 0), 0);
      return gaps + node.ledger.lines(slow).length;
    };
    await until(() => toldRows() === 3000, 60_000, 'all rows of the fast one to be told of');
    assert.ok(node.ledger.lines(errors).every(({ stream }) => stream === 'stderr'));
    assert.deepEqual(node.ledger.lines(off), []);
    assert.deepEqual([...node.ledger.gapsOf(errors), ...node.ledger.gapsOf(off)], []);
    assert.ok(node.ledger.lines(slow).length >= 500);
    const dropped = node.ledger.gapsOf(slow);
    assert.ok(dropped.length > 0 && dropped.every(({ reason }) => reason === 'rate-limited'));
    const ranges = node.ledger.chunks.filter(({ container }) => container === errors);
    assert.equal(ranges[0]?.first, 0, 'rows that nobody asked for are no hole');
    await node.stop();
  });
});
