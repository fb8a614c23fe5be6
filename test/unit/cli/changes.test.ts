// Changes by the CLI: watched while they run, asked for when they are dangerous.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { StackDetail } from '#subjects/schema/stack.ts';
import { exampleOf } from '#test/unit/gateway/example.ts';
import { cliFixture, DEPLOYMENT, deployment, NAS, node, PI, target, type Whole } from './fixture.ts';

describe('changes', () => {
  const cli = cliFixture();

  test('rm asks, and does nothing when nobody is there to answer', async () => {
    for (const line of ['node rm nas', 'stack rm web']) {
      cli.gateway.bus.answers.getStack = () => exampleOf(StackDetail);
      const { code, err } = await cli.run(line, { input: 'nas\n' });
      assert.equal(code, 2, err);
      assert.match(err, /Add -y to do it\./);
    }
    assert.ok(cli.gateway.bus.asked.every(({ name }) => name !== 'removeNode' && name !== 'removeStack'));
    assert.equal((await cli.run('node rm nas -y')).code, 0);
    assert.equal(cli.gateway.bus.asked.at(-1)?.name, 'removeNode');
  });

  test('a deployment is shown while it runs', async () => {
    let settled = false;
    cli.stands(() =>
      settled
        ? deployment('succeeded', [target(NAS, 'nas', 'succeeded')])
        : deployment('progressing', [target(NAS, 'nas', 'progressing')]),
    );
    let told = '';
    const ran = await cli.run(
      'stack deploy web -f compose.yaml --file a/b.conf=web.env --env-file web.env --node nas',
      {
        onError(err) {
          if (!told && err.includes('deployment dep2')) {
            cli.onNas('step-started', { step: 'up web', why: 'revision 2 is new' });
            cli.onNas('step-output', { step: 'up web', lines: [' Container web-1  \u001b[32mStarted\u001b[0m'] });
            cli.onNas('step-started', { step: 'up other', why: 'another deployment', deployment: PI });
          }
          told = err;
          if (!settled && err.includes('Started')) {
            settled = true;
            cli.onNas('step-finished', { step: 'up web', outcome: 'ok', reason: null, exitCode: 0, durationMs: 1250 });
            cli.onNas('stack-settled', { outcome: 'succeeded', reason: null, failure: null });
            cli.publish('deployment.finished', `deployments/${DEPLOYMENT}`, { stack: 'web' });
          }
        },
      },
    );
    assert.equal(
      ran.err,
      [
        `web revision 2, deployment ${DEPLOYMENT}`,
        'nas  up web: revision 2 is new',
        'nas  up web |  Container web-1  Started',
        'nas  up web: done in 1.3 s',
        'nas  succeeded',
        'web revision 2: succeeded on 1 node',
        '',
      ].join('\n'),
    );
    assert.deepEqual([ran.code, ran.out], [0, '']);
    const put = cli.gateway.bus.asked.find(({ name }) => name === 'putStack')?.input;
    assert.deepEqual(put.spec.targets, { nodes: [NAS] });
    assert.deepEqual(put.spec.env, { TAG: '1.2', NAME: 'a b' });
    assert.deepEqual(Object.keys(put.spec.files), ['a/b.conf']);
  });

  test('how a deployment ends is how the command ends', async () => {
    const ends: [Whole, number, RegExp][] = [
      [deployment('failed', [target(NAS, 'nas', 'failed', { reason: 'no image' })]), 1, /failed on nas: no image/],
      [deployment('failed', [target(NAS, 'nas', 'succeeded'), target(PI, 'pi', 'failed')]), 8, /failed on pi/],
      [deployment('superseded', [target(NAS, 'nas', 'superseded')]), 5, /superseded by a newer change/],
      [
        deployment('progressing', [target(NAS, 'nas', 'succeeded'), target(PI, 'pi', 'pending', { parked: true })]),
        6,
        /waits for pi, not online/,
      ],
    ];
    for (const [ended, code, says] of ends) {
      cli.stands(() => ended);
      let told = false;
      const ran = await cli.run('stack deploy web -f compose.yaml --node nas -o json', {
        onError(err) {
          if (told || !err.includes('deployment dep2')) return;
          told = true;
          cli.publish('deployment.progressed', `deployments/${DEPLOYMENT}`, {});
        },
      });
      assert.equal(ran.code, code, ran.err);
      assert.match(ran.err, says);
      assert.equal(JSON.parse(ran.out).id, DEPLOYMENT);
    }
  });

  test('detach, no change, a deadline and Ctrl-C', async () => {
    cli.stands(() => deployment('progressing', [target(NAS, 'nas', 'progressing')]));
    const detached = await cli.run('stack deploy web -f compose.yaml --node nas -d');
    assert.deepEqual([detached.code, detached.out], [0, `${DEPLOYMENT}\n`]);
    const late = await cli.run('stack deploy web -f compose.yaml --node nas --wait 500ms');
    assert.equal(late.code, 6);
    assert.match(late.err, /Not done after 0\.5 s\.\nIt goes on\. Look at it with: overseer deployment get dep2/);
    let pressed = false;
    const stopped = await cli.run('stack deploy web -f compose.yaml --node nas', {
      onError(err, interrupt) {
        if (!pressed && err.includes('deployment dep2')) {
          pressed = true;
          interrupt();
        }
      },
    });
    assert.equal(stopped.code, 130);
    assert.match(stopped.err, /Look at it with: overseer deployment get dep2/);
    cli.gateway.bus.answers.putStack = () => ({
      name: 'web',
      revision: 2,
      deployment: DEPLOYMENT,
      changed: false,
      warnings: [],
    });
    const same = await cli.run('stack deploy web -f compose.yaml --node nas');
    assert.deepEqual([same.code, same.err], [0, 'web revision 2: nothing has changed\n']);
  });

  test('node add prints the command and waits until the node is online', async () => {
    cli.gateway.bus.answers.getNode = () => node(PI, 'pi3');
    cli.gateway.bus.answers.listNodes = () => ({ items: [node(NAS, 'nas')], nextCursor: null });
    cli.gateway.bus.answers.createEnrollmentToken = () => ({
      id: DEPLOYMENT,
      token: 'ovs_enr_x.y',
      expiresAt: new Date(Date.now() + 3600_000).toISOString(),
    });
    let came = false;
    const ran = await cli.run('node add --label role=edge', {
      onError(err) {
        if (came || !err.includes('Paste this')) return;
        came = true;
        cli.publish('node.online', `nodes/${NAS}`, {});
        cli.publish('node.registered', `nodes/${PI}`, {});
        cli.publish('node.online', `nodes/${PI}`, {});
      },
    });
    assert.equal(ran.code, 0, ran.err);
    assert.match(ran.out, /^\nOVERSEER_TOKEN=ovs_enr_x\.y npm run -s agent -- enroll --url http:\/\/127\.0\.0\.1:\d+/);
    assert.match(ran.err, new RegExp(`a node has registered\npi3 is online \\(${PI}\\)\n$`));
    const quick = await cli.run('node add --no-wait -o json');
    assert.equal(JSON.parse(quick.out).token, 'ovs_enr_x.y');
  });
});
