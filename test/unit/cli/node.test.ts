// What an operator changes about a node: no more than what is said.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { cliFixture, NAS, node } from './fixture.ts';

describe('a node', () => {
  const cli = cliFixture();
  const asked = (name: string) => cli.gateway.bus.asked.findLast((one) => one.name === name)?.input;
  const configured = () => {
    cli.gateway.bus.answers.configureNode = ({ config }) =>
      node(NAS, config.name ?? 'nas', { labels: { role: 'edge' }, heartbeatSeconds: 10, ...config });
  };

  test('set changes what is said, labels one by one', async () => {
    configured();
    const every =
      '--name attic --label role=core --label rack=2 --unlabel site --pause --undrain --heartbeat-seconds 30 ' +
      '--prune-images unused';
    const ran = await cli.run(`node set nas ${every}`);
    assert.equal(ran.code, 0, ran.err);
    assert.deepEqual(asked('configureNode').config, {
      ...{ name: 'attic', labels: { role: 'core', rack: '2' }, paused: true, drained: false },
      ...{ heartbeatSeconds: 30, pruneImages: 'unused' },
    });
    assert.match(ran.out, /^name +attic\nstate +online,paused\nlabels +rack=2,role=core\nheartbeat +every 30 s\n/);
    for (const [flags, config] of [
      ['--resume', { paused: false }],
      ['--drain', { drained: true }],
      ['--unlabel site', { labels: { role: 'edge' } }],
    ] as const) {
      assert.equal((await cli.run(`node set nas ${flags} -q`)).out, `${NAS}\n`);
      assert.deepEqual(asked('configureNode').config, config);
    }
  });

  test('set refuses nothing, and a thing and its opposite', async () => {
    for (const flags of ['', ' --pause --resume', ' --drain --undrain', ' --prune-images all', ' --label role']) {
      assert.equal((await cli.run(`node set nas${flags}`)).code, 2, flags);
    }
    assert.equal(asked('configureNode'), undefined);
  });

  test('labels by the short way; a credential is renewed', async () => {
    configured();
    assert.equal((await cli.run('node label nas rack=2 site-')).out, 'nas  rack=2,role=edge\n');
    assert.deepEqual(asked('configureNode').config, { labels: { role: 'edge', rack: '2' } });
    cli.gateway.bus.answers.rotateCredential = () => ({});
    const ran = await cli.run('node rotate nas -o name');
    assert.deepEqual([ran.code, ran.out, ran.err], [0, 'nodes/nas\n', 'nas renews its credential now\n']);
    assert.equal(asked('rotateCredential').id, NAS);
  });
});
