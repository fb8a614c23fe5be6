// What the CLI prints, and how it ends.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { parse } from 'yaml';
import { OverseerError } from '#subjects/errors.ts';
import { Deployment } from '#subjects/schema/deployment.ts';
import { Node } from '#subjects/schema/node.ts';
import { Stack } from '#subjects/schema/stack.ts';
import { exampleOf } from '#test/unit/gateway/example.ts';
import { startTestGateway, type TestGateway, TOKEN } from '#test/unit/gateway/gateway.ts';
import { overseer, type RunOptions } from './run.ts';

const NAS = `nas2${'a'.repeat(22)}`;
const PI = `pi22${'b'.repeat(22)}`;
const DEPLOYMENT = `dep2${'c'.repeat(22)}`;

const node = (id: string, name: string, more: object = {}) => ({
  ...(exampleOf(Node) as Node),
  ...{
    id,
    name,
    liveness: 'online',
    lastSeenAt: null,
    agentVersion: '0.1.0',
    labels: {},
    paused: false,
    drained: false,
  },
  ...more,
});
const target = (id: string, nodeName: string, state: string, more: object = {}) => ({
  ...{ node: id, nodeName, state, reason: null, parked: false, finishedAt: null, steps: [] },
  ...more,
});
const deployment = (state: string, targets: object[], more: object = {}) => ({
  ...(exampleOf(Deployment) as object),
  ...{ id: DEPLOYMENT, stack: 'web', kind: 'apply', revision: 2, state, reason: null, targets },
  finishedAt: state === 'progressing' ? null : '2026-11-23T20:00:00.000Z',
  ...more,
});

describe('overseer', () => {
  let gateway: TestGateway;
  let folder: string;
  before(async () => {
    gateway = await startTestGateway();
    folder = mkdtempSync(join(tmpdir(), 'overseer-cli-'));
    writeFileSync(join(folder, 'compose.yaml'), 'services: {}\n');
    writeFileSync(join(folder, 'web.env'), '# values\nTAG=1.2 # the newest\nexport NAME="a b"\n');
  });
  after(async () => {
    await gateway.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  beforeEach(() => {
    gateway.bus.asked.length = 0;
    gateway.bus.stored.length = 0;
    const nodes = [
      node(NAS, 'nas', { labels: { role: 'edge', site: 'home' } }),
      node(PI, 'pi', { liveness: 'offline', agentVersion: null, drained: true }),
    ];
    gateway.bus.answers = {
      listNodes: () => ({ items: nodes, nextCursor: null }),
      removeNode: () => ({}),
      revokeEnrollmentToken: () => ({}),
      getStack: () => {
        throw new OverseerError('stack-not-found', 'there is no stack web');
      },
      putStack: () => ({ name: 'web', revision: 2, deployment: DEPLOYMENT, changed: true }),
    };
  });

  const run = (line: string, options: RunOptions = {}) =>
    overseer(gateway, line.split(' '), { ...options, env: { INIT_CWD: folder, ...options.env } });

  function event(fact: string, subject: string, data: object) {
    return {
      ...{ specversion: '1.0', id: 'e'.repeat(26), type: `dev.overseer.${fact}.v1`, source: 'registry', subject, data },
      ...{ time: '2026-11-23T20:00:00.000Z', datacontenttype: 'application/json' },
    };
  }
  const onNas = (fact: string, data: object) =>
    gateway.bus.publish(event(`node.${fact}`, `nodes/${NAS}`, { stack: 'web', deployment: DEPLOYMENT, ...data }));

  test('node ls in every form', async () => {
    assert.equal(
      (await run('node ls')).out,
      [
        'NAME  ID        STATE            SEEN  VERSION  LABELS',
        'nas   nas2aaaa  online           -     0.1.0    role=edge,site=home',
        'pi    pi22bbbb  offline,drained  -     -        -',
        '',
      ].join('\n'),
    );
    assert.equal((await run('nodes ls --no-headers')).out.split('\n')[0]?.startsWith('nas '), true);
    assert.equal((await run('node ls -q')).out, `${NAS}\n${PI}\n`);
    assert.equal((await run('node ls -o name')).out, 'nodes/nas\nnodes/pi\n');
    assert.match((await run('node ls -o wide')).out, /DOCKER +SYSTEM +CPUS +HOST/);
    assert.equal(JSON.parse((await run('node ls --json')).out).items[1].liveness, 'offline');
    assert.equal(JSON.parse((await run('-o ndjson node ls')).out.split('\n')[1] ?? '').name, 'pi');
    assert.equal(parse((await run('node ls -o yaml')).out).items[0].labels.role, 'edge');
  });

  test('a node by name, id and the beginning of its id', async () => {
    for (const name of ['nas', NAS, 'nas2a']) assert.equal((await run(`node get ${name} -q`)).out, `${NAS}\n`);
    const { code, err } = await run('node get nax');
    assert.equal(code, 3);
    assert.equal(err, 'There is no node nax.\nSee which there are: overseer node ls\n');
  });

  test('failures say what, why and what next, with their exit code', async () => {
    const codes: [string, number][] = [
      ['nod ls', 2],
      ['node', 1],
      ['node ls --what', 2],
      ['node ls -o xml', 2],
      ['stack deploy web', 2],
      ['stack deploy web -f compose.yaml --wait soon --node nas', 2],
      ['stack deploy web -f absent.yaml --node nas', 2],
      ['stack deploy web -f compose.yaml', 2],
      ['stack get web', 3],
      ['node --help', 0],
    ];
    for (const [line, code] of codes) assert.equal((await run(line)).code, code, line);
    const wrong = await run('node ls', { env: { OVERSEER_TOKEN: 'wrong' } });
    assert.equal(wrong.code, 4);
    assert.match(
      wrong.err,
      /^Authentication is needed: this token is not valid\nGive the admin token by OVERSEER_TOKEN/,
    );
    const away = await overseer({ url: 'http://127.0.0.1:9' }, ['node', 'ls']);
    assert.equal(away.code, 1);
    assert.match(away.err, /The core does not answer: .*\nIs it running\? Start it with `npm start`/);
  });

  test('refusals of a service become exit codes, and every fault of a body is told', async () => {
    for (const [code, exit] of [
      ['conflict', 5],
      ['timeout', 6],
      ['node-offline', 6],
      ['forbidden', 4],
      ['compose-refused', 1],
    ] as const) {
      gateway.bus.answers.putStack = () => {
        throw new OverseerError(code, 'no such key: image');
      };
      const ran = await run('stack deploy web -f compose.yaml --node nas');
      assert.equal(ran.code, exit, code);
      assert.match(ran.err, /: no such key: image\n/);
    }
    const { err, code } = await run(
      'stack deploy web -f compose.yaml --node nas --selector A!=b --file ../x=compose.yaml',
    );
    assert.equal(code, 1);
    assert.match(err, /selector\.A!: label key outside/);
  });

  test('what comes from others can not move the cursor', async () => {
    const evil = '\u001b]52;c;ZXZpbA==\u0007\u001b[2Jx\u202e\r\n';
    gateway.bus.answers.listNodes = () => ({
      items: [{ ...node(NAS, 'nas'), agentVersion: evil }],
      nextCursor: null,
    });
    const { out } = await run('node ls');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
    assert.doesNotMatch(out, /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/);
    assert.match(out, /x\\u202e\\u000d\\u000a/);
  });

  test('rm asks, and does nothing when nobody is there to answer', async () => {
    for (const line of ['node rm nas', 'stack rm web']) {
      gateway.bus.answers.getStack = () => ({
        ...(exampleOf(Stack) as object),
        spec: { compose: 'x', targets: { nodes: [] } },
      });
      const { code, err } = await run(line, { input: 'nas\n' });
      assert.equal(code, 2, err);
      assert.match(err, /Add -y to do it\./);
    }
    assert.ok(gateway.bus.asked.every(({ name }) => name !== 'removeNode' && name !== 'removeStack'));
    assert.equal((await run('node rm nas -y')).code, 0);
    assert.equal(gateway.bus.asked.at(-1)?.name, 'removeNode');
  });

  test('a deployment is shown while it runs', async () => {
    let settled = false;
    gateway.bus.answers.getDeployment = () =>
      settled
        ? deployment('succeeded', [target(NAS, 'nas', 'succeeded')])
        : deployment('progressing', [target(NAS, 'nas', 'progressing')]);
    let told = '';
    const ran = await run('stack deploy web -f compose.yaml --file a/b.conf=web.env --env-file web.env --node nas', {
      onError(err) {
        if (!told && err.includes('deployment dep2')) {
          onNas('step-started', { step: 'up web', why: 'revision 2 is new' });
          onNas('step-output', { step: 'up web', lines: [' Container web-1  \u001b[32mStarted\u001b[0m'] });
          onNas('step-started', { step: 'up other', why: 'another deployment', deployment: PI });
        }
        told = err;
        if (!settled && err.includes('Started')) {
          settled = true;
          onNas('step-finished', { step: 'up web', outcome: 'ok', reason: null, exitCode: 0, durationMs: 1250 });
          onNas('stack-settled', { outcome: 'succeeded', reason: null });
          gateway.bus.publish(event('deployment.finished', `deployments/${DEPLOYMENT}`, { stack: 'web' }));
        }
      },
    });
    assert.equal(
      ran.err,
      [
        `web revision 2, deployment ${DEPLOYMENT}`,
        'nas  up web: revision 2 is new',
        'nas     Container web-1  Started',
        'nas  up web: done in 1.3 s',
        'nas  succeeded',
        'web revision 2: succeeded on 1 node',
        '',
      ].join('\n'),
    );
    assert.deepEqual([ran.code, ran.out], [0, '']);
    const put = gateway.bus.asked.find(({ name }) => name === 'putStack')?.input;
    assert.deepEqual(put.spec.targets, { nodes: [NAS] });
    assert.deepEqual(put.spec.env, { TAG: '1.2', NAME: 'a b' });
    assert.deepEqual(Object.keys(put.spec.files), ['a/b.conf']);
  });

  test('how a deployment ends is how the command ends', async () => {
    const ends: [object, number, RegExp][] = [
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
      gateway.bus.answers.getDeployment = () => ended;
      let told = false;
      const ran = await run('stack deploy web -f compose.yaml --node nas -o json', {
        onError(err) {
          if (told || !err.includes('deployment dep2')) return;
          told = true;
          gateway.bus.publish(event('deployment.progressed', `deployments/${DEPLOYMENT}`, {}));
        },
      });
      assert.equal(ran.code, code, ran.err);
      assert.match(ran.err, says);
      assert.equal(JSON.parse(ran.out).id, DEPLOYMENT);
    }
  });

  test('detach, no change, a deadline and Ctrl-C', async () => {
    gateway.bus.answers.getDeployment = () => deployment('progressing', [target(NAS, 'nas', 'progressing')]);
    const detached = await run('stack deploy web -f compose.yaml --node nas -d');
    assert.deepEqual([detached.code, detached.out], [0, `${DEPLOYMENT}\n`]);
    const late = await run('stack deploy web -f compose.yaml --node nas --wait 500ms');
    assert.equal(late.code, 6);
    assert.match(late.err, /Not done after 0\.5 s\.\nIt goes on\. Look at it with: overseer deployment get dep2/);
    let pressed = false;
    const stopped = await run('stack deploy web -f compose.yaml --node nas', {
      onError(err, interrupt) {
        if (!pressed && err.includes('deployment dep2')) {
          pressed = true;
          interrupt();
        }
      },
    });
    assert.equal(stopped.code, 130);
    assert.match(stopped.err, /Look at it with: overseer deployment get dep2/);
    gateway.bus.answers.putStack = () => ({ name: 'web', revision: 2, deployment: DEPLOYMENT, changed: false });
    const same = await run('stack deploy web -f compose.yaml --node nas');
    assert.deepEqual([same.code, same.err], [0, 'web revision 2: nothing has changed\n']);
  });

  test('node add prints the command and waits until the node is online', async () => {
    gateway.bus.answers.getNode = () => node(PI, 'pi3');
    gateway.bus.answers.listNodes = () => ({ items: [node(NAS, 'nas')], nextCursor: null });
    gateway.bus.answers.createEnrollmentToken = () => ({
      id: DEPLOYMENT,
      token: 'ovs_enr_x.y',
      expiresAt: new Date(Date.now() + 3600_000).toISOString(),
    });
    let came = false;
    const ran = await run('node add --label role=edge', {
      onError(err) {
        if (came || !err.includes('Paste this')) return;
        came = true;
        gateway.bus.publish(event('node.online', `nodes/${NAS}`, {}));
        gateway.bus.publish(event('node.registered', `nodes/${PI}`, {}));
        gateway.bus.publish(event('node.online', `nodes/${PI}`, {}));
      },
    });
    assert.equal(ran.code, 0, ran.err);
    assert.match(ran.out, /^\nOVERSEER_TOKEN=ovs_enr_x\.y npm run -s agent -- enroll --url http:\/\/127\.0\.0\.1:\d+/);
    assert.match(ran.err, new RegExp(`a node has registered\npi3 is online \\(${PI}\\)\n$`));
    const quick = await run('node add --no-wait -o json');
    assert.equal(JSON.parse(quick.out).token, 'ovs_enr_x.y');
  });

  test('events: listed, and watched until Ctrl-C', async () => {
    onNas('online', { reason: 'a heartbeat' });
    assert.match(
      (await run('event ls')).out,
      /^SEQUENCE +TIME +FACT +SUBJECT +WHAT\n1 .* online +nodes\/nas2.*reason=a heartbeat/,
    );
    const watched = await run('event watch --after 0 -o ndjson', { stopAfter: 1 });
    assert.equal(watched.code, 130);
    assert.equal(JSON.parse(watched.out).sequence, '1');
  });

  test('the token of this machine goes to this machine alone', async () => {
    const data = join(folder, 'data');
    mkdirSync(data);
    writeFileSync(join(data, 'admin-token'), `${TOKEN}\n`);
    const env = { OVERSEER_TOKEN: '', OVERSEER_DATA: data };
    assert.equal((await run('node ls -q', { env })).out, `${NAS}\n${PI}\n`);
    assert.equal((await run('node ls', { env: { ...env, OVERSEER_DATA: folder } })).code, 4);
    // 127.0.0.2 is ours too, but by its name it could be anybody's.
    const elsewhere = gateway.url.replace('127.0.0.1', '127.0.0.2');
    const ran = await run('node ls', { env: { ...env, OVERSEER_URL: elsewhere } });
    assert.notEqual(ran.code, 0);
    const file = await run('node ls -q', { env: { OVERSEER_TOKEN: '', OVERSEER_TOKEN_FILE: 'data/admin-token' } });
    assert.equal(file.out, `${NAS}\n${PI}\n`);
  });

  test('status, tokens, audit and deployments', async () => {
    const status = await run('status');
    assert.equal(status.code, 0);
    assert.match(status.out, /^SERVICE +STATE +VERSION +UP\ngateway +up +9\.9\.9/);
    assert.match(status.out, /1 of 2 nodes online \(1 not\)/);
    gateway.bus.answers.auditStatus = () => {
      throw new OverseerError('unavailable', 'nobody');
    };
    const down = await run('status');
    assert.equal(down.code, 1);
    assert.match(down.out, /audit +down/);
    assert.match((await run('token ls')).out, /^ID +STATE +USED/);
    assert.match((await run('audit ls --object stacks/web')).out, /stack\.put/);
    assert.equal(gateway.bus.asked.at(-1)?.input.object, 'stacks/web');
    gateway.bus.answers.getDeployment = () =>
      deployment('succeeded', [
        target(NAS, 'nas', 'succeeded', {
          steps: [
            {
              ...{ step: 'up', why: 'new', startedAt: '2026-11-23T20:00:00.000Z', finishedAt: null },
              ...{ outcome: 'ok', reason: null, exitCode: 0, output: ['Started'] },
            },
          ],
        }),
      ]);
    assert.match(
      (await run(`deployment get ${DEPLOYMENT}`)).out,
      /\nnas {2}succeeded\n {2}up: new \(ok\)\n {4}Started\n$/,
    );
  });
});
