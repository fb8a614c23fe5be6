// Container logs over a real engine and a real bus: every line once, over rotation, crashes and cut links.
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { faults } from '#test/harness/log-ledger.ts';
import { until } from '#test/harness/until.ts';
import { type LogNode, type LogStage, startLogStage } from './log-stage.ts';

const NUMBER = /^line (\d+) /;
const numbered = (last: number, pace = '') =>
  `i=0; while [ $i -lt ${last} ]; do i=$((i+1)); echo "line $i of a container that writes"; ${pace} done`;

suite('logs of containers', { timeout: 300_000 }, () => {
  let stage: LogStage;
  before(async () => {
    stage = await startLogStage();
  });
  after(() => stage.stop());

  const complete = (node: LogNode, container: string, last: number) =>
    until(() => faults(node.ledger.counts(container, NUMBER), last).missing.length === 0, 60_000, `${last} lines`);

  function exactlyOnce(node: LogNode, container: string, last: number): void {
    assert.deepEqual(faults(node.ledger.counts(container, NUMBER), last), { missing: [], doubled: [] });
    assert.deepEqual(node.ledger.conflicts, []);
    assert.deepEqual(node.ledger.gapsOf(container), []);
  }

  test('every line comes once over rotation, with its stream and its source', async () => {
    const node = await stage.node();
    node.desire({ web: {} });
    node.start();
    const options = ['--log-opt', 'max-size=100k', '--log-opt', 'max-file=3', '--name', 'web-app-1'];
    const container = stage.run(
      'web',
      `${numbered(20_000, 'if [ $((i%100)) = 0 ]; then echo oops >&2; sleep 0.01; fi;')}`,
      options,
    );
    await complete(node, container, 20_000);
    exactlyOnce(node, container, 20_000);
    const [first] = node.ledger.chunks;
    assert.equal(first?.stack, 'web');
    assert.equal(first?.service, 'app');
    assert.equal(first?.name, 'web-app-1');
    assert.equal(node.ledger.lines(container).filter(({ stream }) => stream === 'stderr').length, 200);
    assert.ok(new Set(node.ledger.chunks.map(({ file }) => file)).size > 5, 'control: it was rotated');
    await node.stop();
  });
});
