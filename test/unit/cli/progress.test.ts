// A deployment that is watched: what it waits for, and a core that is away meanwhile.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, test } from 'node:test';
import { cliFixture, DEPLOYMENT, deployment, NAS, PI, target } from './fixture.ts';
import { overseer } from './run.ts';

describe('watching', () => {
  const cli = cliFixture();
  const asked = (name: string) => cli.gateway.bus.asked.findLast((one) => one.name === name)?.input;

  test('a rollout is watched, and waits for a word', async () => {
    let decided = false;
    cli.gateway.bus.answers.decideDeployment = () => {
      decided = true;
      return {};
    };
    const held = deployment('progressing', [target(NAS, 'nas', 'succeeded'), target(PI, 'pi', 'held')], {
      ...{ awaitsApproval: true, reason: 'batch 2 of 2 awaits approval' },
    });
    const done = deployment('succeeded', [target(NAS, 'nas', 'succeeded'), target(PI, 'pi', 'succeeded')]);
    cli.stands(() => (decided ? done : held));
    const waiting = await cli.run(`deployment watch ${DEPLOYMENT} --wait 700ms`);
    assert.equal(waiting.code, 6);
    assert.equal(
      waiting.err,
      [
        'web revision 2: batch 2 of 2 awaits approval',
        `The next batch waits for your word: overseer deployment continue ${DEPLOYMENT} (or cancel)`,
        'Not done after 0.7 s: batch 2 of 2 awaits approval.',
        `It goes on. Look at it with: overseer deployment get ${DEPLOYMENT}`,
        '',
      ].join('\n'),
    );
    assert.equal((await cli.run(`deployment continue ${DEPLOYMENT}`)).code, 0);
    assert.equal(asked('decideDeployment').decision, 'continue');
    assert.equal((await cli.run(`deployment cancel ${DEPLOYMENT}`)).code, 0);
    assert.equal(asked('decideDeployment').decision, 'cancel');
  });

  test('what a rollout waits for is told whenever it is another thing', async () => {
    const reasons = ['waits for stack base', 'batch 1 of 2', 'batch 1 of 2', 'pauses before batch 2 of 2'];
    const targets = [target(NAS, 'nas', 'pending'), target(PI, 'pi', 'held')];
    cli.stands(() => deployment('pending', targets, { reason: reasons[0], finishedAt: null }));
    let told = false;
    const ran = await cli.run(`deployment watch ${DEPLOYMENT} --wait 1500ms`, {
      onError(err) {
        if (told || !err.includes('waits for stack')) return;
        told = true;
        for (const reason of reasons.slice(1)) {
          cli.publish('deployment.progressed', `deployments/${DEPLOYMENT}`, { state: 'progressing', reason });
        }
      },
    });
    assert.deepEqual(
      [ran.code, ran.err.split('\n').slice(0, 4)],
      [
        6,
        [
          'web revision 2: waits for stack base',
          'web revision 2: batch 1 of 2',
          'web revision 2: pauses before batch 2 of 2',
          'Not done after 1.5 s: pauses before batch 2 of 2.',
        ],
      ],
    );
  });

  test('a core that is away is told of once, and once more when it is there again', async () => {
    const ended = deployment('succeeded', [target(NAS, 'nas', 'succeeded')]);
    let calls = 0;
    const core = createServer((_, response) => {
      calls += 1;
      if (calls <= 3) return response.writeHead(503).end();
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      return response.end(`event: deployment\ndata: ${JSON.stringify(ended)}\n\nevent: end\ndata: {}\n\n`);
    });
    await new Promise<void>((resolve) => core.listen(0, '127.0.0.1', resolve));
    const { port } = core.address() as AddressInfo;
    const ran = await overseer({ url: `http://127.0.0.1:${port}` }, ['deployment', 'watch', DEPLOYMENT]);
    core.closeAllConnections();
    core.close();
    assert.deepEqual(
      [ran.code, ran.err],
      [0, 'The core does not answer; trying again.\nThe core is there again.\nweb revision 2: succeeded on 1 node\n'],
    );
  });
});
