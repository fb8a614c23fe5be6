// Stacks to the full by the CLI: plans, settings, ways back, actions, drift, projects.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { OverseerError } from '#subjects/errors.ts';
import { Revision, RevisionDetail, StackDetail } from '#subjects/schema/stack.ts';
import { exampleOf } from '#test/unit/gateway/example.ts';
import { cliFixture, DEPLOYMENT, deployment, NAS, PI, target } from './fixture.ts';

const step = { step: 'up', why: 'it changed' };
const change = (service: string, what: string, ...details: string[]) => ({
  ...{ service, container: null, change: what },
  reasons: details.map((detail) => ({ kind: 'config', detail })),
});
const planned = (id: string, nodeName: string, more: object = {}) => ({
  ...{ node: id, nodeName, state: 'planned', reason: null, batch: 1, steps: [], changes: [] },
  ...more,
});
const plan = (nodes: object[], changed = true) => ({ name: 'web', revision: 3, changed, nodes, warnings: [] });
const CHANGED = plan([
  planned(NAS, 'nas', {
    steps: [step],
    changes: [change('web', 'recreate', 'config changed'), change('api', 'create'), change('db', 'keep')],
  }),
  planned(PI, 'pi', { state: 'parked', batch: 2, reason: 'it is offline and follows when it is back' }),
]);
const spec = { compose: 'services: {}\n', targets: { nodes: [NAS] }, strategy: { gate: 'manual' } };
const stack = (more: object = {}) => ({
  ...(exampleOf(StackDetail) as object),
  ...{ spec, nodes: [], stoppedNodes: [], source: null, images: [], targets: spec.targets },
  ...more,
});

describe('stacks', () => {
  const cli = cliFixture();
  const asked = (name: string) => cli.gateway.bus.asked.findLast((one) => one.name === name)?.input;
  const settled = () => {
    cli.stands(() => deployment('succeeded', [target(NAS, 'nas', 'succeeded')]));
  };

  test('a plan is told node by node, and by the exit code', async () => {
    cli.gateway.bus.answers.planStack = () => CHANGED;
    const changed = await cli.run('stack plan web -f compose.yaml --node nas --profile debug');
    assert.equal(
      changed.out,
      [
        'web revision 3',
        'nas  2 changes (batch 1)',
        '  ~ web  recreate  config changed',
        '  + api  create',
        '  = db   keep',
        'pi  parked: it is offline and follows when it is back (batch 2)',
        '',
      ].join('\n'),
    );
    assert.equal(changed.code, 0);
    assert.deepEqual(asked('planStack').spec.profiles, ['debug']);
    assert.equal((await cli.run('stack plan web --exit-code')).code, 10);
    cli.gateway.bus.answers.planStack = () => ({ ...plan([planned(NAS, 'nas')], false), warnings: ['old file'] });
    const same = await cli.run('stack plan web --exit-code');
    assert.deepEqual(
      [same.code, same.out, same.err],
      [0, 'web revision 3 (as it is)\nnas  nothing to do\n', 'warning: old file\n'],
    );
    assert.equal(asked('planStack').spec, null);
    cli.gateway.bus.answers.planStack = () => plan([planned(NAS, 'nas', { state: 'failed', reason: 'no engine' })]);
    const failed = await cli.run('stack plan web --json --exit-code');
    assert.deepEqual([failed.code, JSON.parse(failed.out).nodes[0].reason], [1, 'no engine']);
  });

  test('warnings are told; a plan comes first when asked for, and nobody there agrees to nothing', async () => {
    settled();
    cli.gateway.bus.answers.putStack = () => ({
      ...{ name: 'web', revision: 2, deployment: DEPLOYMENT, changed: true },
      warnings: ['KEY stays readable in docker inspect'],
    });
    cli.gateway.bus.answers.planStack = () => CHANGED;
    const alone = await cli.run('stack deploy web -f compose.yaml --node nas --plan');
    assert.equal(alone.code, 2);
    assert.match(alone.err, /~ web {2}recreate {2}config changed\n[\s\S]*Add -y to do it/);
    assert.equal(asked('putStack'), undefined);
    const sure = await cli.run('stack deploy web -f compose.yaml --node nas --plan -y');
    assert.equal(sure.code, 0);
    assert.match(sure.err, /^warning: KEY stays readable/m);
    cli.gateway.bus.answers.planStack = () => plan([planned(NAS, 'nas')], false);
    const idle = await cli.run('stack deploy web -f compose.yaml --node nas --plan');
    assert.deepEqual([idle.code, idle.err.split('\n').at(-2)], [0, 'web: nothing to do']);
  });

  test('a failure tells its reason, the service, its last lines and the way back', async () => {
    const failure = { service: 'api', container: 'web-api-1', exitCode: 3, lines: ['no such table', 'bye'] };
    const failed = target(NAS, 'nas', 'failed', { reason: 'api exits again and again', failure });
    cli.stands(() => deployment('failed', [failed]));
    const ran = await cli.run('stack deploy web -f compose.yaml --node nas');
    assert.equal(ran.code, 1);
    assert.equal(
      ran.err,
      [
        `web revision 2, deployment ${DEPLOYMENT}`,
        'web revision 2: failed on nas: api exits again and again',
        '  service api (web-api-1) ended with exit code 3; its last lines:',
        '    no such table',
        '    bye',
        'Go back to the last good revision: overseer stack rollback web',
        '',
      ].join('\n'),
    );
    cli.stands(() => deployment('rolled-back', [{ ...failed, state: 'rolled-back' }, target(PI, 'pi', 'held')]));
    const back = await cli.run('stack deploy web -f compose.yaml --node nas');
    assert.equal(back.code, 1);
    assert.match(back.err, /failed on nas and rolled back: api exits[\s\S]*the last good revision runs again/);
    assert.match(back.err, /did not reach pi\n$/);
    assert.doesNotMatch(back.err, /stack rollback/);
  });

  test('revisions: listed, compared, gone back to', async () => {
    settled();
    const revision = (number: number) => ({
      ...(exampleOf(RevisionDetail) as object),
      ...{ revision: number, compose: `services:\n  web: {image: "web:${number}"}\n`, files: {}, env: ['TAG'] },
      ...{ commit: null, pins: {} },
    });
    const row = { ...(exampleOf(Revision) as object), revision: 2, commit: null };
    cli.gateway.bus.answers.listRevisions = () => ({ items: [row, { ...row, revision: 1 }], nextCursor: null });
    cli.gateway.bus.answers.getRevision = ({ revision: number }) => revision(number);
    cli.gateway.bus.answers.rollbackStack = () => ({
      ...{ name: 'web', revision: 3, deployment: DEPLOYMENT, changed: true, warnings: [] },
    });
    assert.match((await cli.run('stack history web')).out, /^REVISION +AGE +BY +COMMIT +DEPLOYMENT\n2 /);
    assert.equal(
      (await cli.run('stack diff web')).out,
      [
        ...['--- compose.yaml (revision 1)', '+++ compose.yaml (revision 2)', '@@ -1,2 +1,2 @@'],
        ...[' services:', '-  web: {image: "web:1"}', '+  web: {image: "web:2"}', ''],
      ].join('\n'),
    );
    const same = await cli.run('stack diff web 2 2');
    assert.deepEqual([same.out, same.err], ['', 'web: revisions 2 and 2 are the same\n']);
    const digest = (number: number) => ({ web: `web:1@sha256:${String(number).repeat(64)}` });
    cli.gateway.bus.answers.getRevision = ({ revision: number }) => ({ ...revision(1), pins: digest(number) });
    assert.match(
      (await cli.run('stack diff web')).out,
      /\+\+\+ images.*\n@@.*\n-web: web:1@sha256:1+\n\+web: web:1@sha256:2+\n$/,
    );
    assert.equal((await cli.run('stack rollback web --to 1')).code, 0);
    assert.equal(asked('rollbackStack').revision, 1);
    assert.equal((await cli.run('stack rollback web')).code, 0);
    assert.equal(asked('rollbackStack').revision, null);
  });

  test('actions on all nodes or one, on all services or one', async () => {
    settled();
    cli.gateway.bus.answers.actOnStack = () => ({ name: 'web', revision: 2, deployment: DEPLOYMENT, changed: true });
    for (const [line, action, body] of [
      ['restart web --node nas --service api', 'restart', { nodes: [NAS], services: ['api'] }],
      ['pull web', 'pull', {}],
      ['stop web --node pi', 'stop', { nodes: [PI] }],
      ['start web', 'start', {}],
      ['scale web api=0', 'scale', { services: ['api'], replicas: 0 }],
    ] as const) {
      assert.equal((await cli.run(`stack ${line}`)).code, 0, line);
      const { by: _, ...rest } = asked('actOnStack');
      assert.deepEqual(rest, { name: 'web', action, body });
    }
    cli.gateway.bus.answers.actOnStack = () => ({ name: 'web', revision: 2, deployment: null, changed: false });
    const idle = await cli.run('stack stop web');
    assert.deepEqual([idle.code, idle.err], [0, 'web revision 2: it is stopped already\n']);
    assert.equal((await cli.run('stack scale web api')).code, 2);
  });

  test('where it comes from, what runs, and what was changed by hand', async () => {
    settled();
    const drift = {
      kind: 'removed',
      service: 'api',
      container: 'web-api-1',
      subject: null,
      expected: null,
      actual: null,
    };
    const on = { node: NAS, phase: 'running', revision: 2, reason: null, drift: [drift] };
    const source = { commit: 'c'.repeat(40), seen: 'd'.repeat(40), checkedAt: null, error: null };
    const image = { service: 'web', image: 'nginx:1', pinned: `nginx@sha256:${'1'.repeat(64)}`, newest: null };
    const images = [{ ...image, checkedAt: null, error: 'no answer' }];
    cli.gateway.bus.answers.getStack = () => stack({ nodes: [on], stoppedNodes: [PI], source, images });
    const { out } = await cli.run('stack get web');
    assert.match(out, /source +commit cccccccccc, newest dddddddddd\n/);
    assert.match(out, /image of web +nginx:1 is sha256:111111111111, no answer\n/);
    assert.match(out, /stopped on +pi\nnas +running, 1 changed by hand\n/);
    assert.match((await cli.run('stack drift web')).out, /^NODE .*\nnas +removed +api +web-api-1 +- +-\n$/);
    const still = { name: 'web', revision: 2, deployment: null, changed: false, source, images: [] };
    cli.gateway.bus.answers.syncStack = () => still;
    assert.match((await cli.run('stack sync web')).err, /\nweb revision 2: nothing has moved\n$/);
    cli.gateway.bus.answers.syncStack = () => ({ ...still, reason: 'what runs instead is kept' });
    assert.match((await cli.run('stack sync web')).err, /\nweb revision 2: what runs instead is kept\n$/);
    cli.gateway.bus.answers.webhookSecret = () => ({ name: 'web', path: '/api/hooks/git/web', secret: 'whs_1' });
    assert.match((await cli.run('stack webhook web')).out, /url +http:.*\/api\/hooks\/git\/web\nsecret +whs_1\n/);
  });

  test('projects and images of a node', async () => {
    settled();
    const service = { name: 'web', container: 'blog-web-1', image: 'nginx:1', state: 'running', health: null };
    const project = { name: 'blog', place: { directory: '/srv/blog', file: 'compose.yaml' }, services: [service] };
    cli.gateway.bus.answers.listProjects = () => ({
      items: [
        { ...project, obstacle: null },
        { ...project, name: 'old', place: null, obstacle: 'its file is gone' },
      ],
      nextCursor: null,
    });
    const { out } = await cli.run('node projects nas');
    assert.match(out, /blog +1\/1 +\/srv\/blog\/compose\.yaml +yes\nold +1\/1 +- +no: its file is gone\n/);
    cli.gateway.bus.answers.adoptProject = () => ({
      ...{ name: 'blog', revision: 1, deployment: DEPLOYMENT, changed: true, warnings: [] },
    });
    assert.equal((await cli.run('node adopt nas blog')).code, 0);
    assert.equal(asked('adoptProject').project, 'blog');
    const pruned = await cli.run('node prune nas --unused --json');
    assert.deepEqual([pruned.code, JSON.parse(pruned.out)], [0, { node: NAS, images: 'unused' }]);
    assert.equal(asked('pruneNode').images, 'unused');
    cli.gateway.bus.answers.listProjects = () => {
      throw new OverseerError('node-offline', 'pi is not connected');
    };
    assert.equal((await cli.run('node projects pi')).code, 6);
  });
});
