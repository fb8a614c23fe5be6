// What is asked of stacks, deployments and nodes: what reaches the bus, and with which status it is answered.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { OverseerError } from '#subjects/errors.ts';
import { startTestGateway, type TestGateway, TOKEN } from './gateway.ts';

const ID = 'a'.repeat(26);
const auth = { authorization: `Bearer ${TOKEN}` };
const json = { ...auth, 'content-type': 'application/json' };
const spec = { compose: 'services: {}\n', targets: { nodes: [ID] } };

describe('routes', () => {
  let gateway: TestGateway;
  before(async () => {
    gateway = await startTestGateway();
  });
  after(() => gateway.stop());
  beforeEach(() => {
    gateway.bus.answers = {};
    gateway.bus.asked.length = 0;
    gateway.bus.audit.length = 0;
  });

  const call = (method: string, path: string, body?: unknown, headers: Record<string, string> = json) =>
    fetch(gateway.url + path, {
      ...{ method, headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
  const asked = () => {
    const { name, input } = gateway.bus.asked.at(-1) ?? assert.fail('nothing was asked');
    const { by, ...rest } = input;
    return [name, rest];
  };

  test('a body that is empty is none, whatever its type says', async () => {
    for (const [method, path, status] of [
      ['POST', '/api/stacks/web/plan', 200],
      ['POST', '/api/stacks/web/rollback', 202],
      ['POST', '/api/stacks/web/actions/restart', 202],
      ['POST', `/api/nodes/${ID}/drain`, 200],
      ['POST', `/api/deployments/${ID}/continue`, 200],
      ['DELETE', '/api/stacks/web', 202],
      ['PUT', '/api/stacks/web', 400],
      ['POST', '/api/session', 400],
    ] as const) {
      for (const [body, headers] of [
        ['', json],
        [undefined, json],
        [undefined, auth],
      ] as const) {
        const response = await call(method, path, body, headers);
        assert.equal(response.status, status, `${method} ${path} ${await response.text()}`);
      }
    }
  });

  test('a plan of what is sent, and of what is there', async () => {
    assert.equal((await call('POST', '/api/stacks/web/plan', spec)).status, 200);
    assert.deepEqual(asked(), ['planStack', { name: 'web', spec }]);
    await call('POST', '/api/stacks/web/plan');
    assert.deepEqual(asked(), ['planStack', { name: 'web', spec: null }]);
    assert.equal((await call('POST', '/api/stacks/web/plan', { compose: 'x' })).status, 400);
    assert.equal(gateway.bus.audit.length, 0);
  });

  test('rollback and actions: 202 on their way, 200 when it was so already', async () => {
    const answer = (changed: boolean) => ({ name: 'web', revision: 3, deployment: changed ? ID : null, changed });
    for (const [changed, status] of [
      [true, 202],
      [false, 200],
    ] as const) {
      gateway.bus.answers = {
        rollbackStack: () => ({ ...answer(changed), warnings: [] }),
        actOnStack: () => answer(changed),
        syncStack: () => ({ ...answer(changed), source: null, images: [] }),
      };
      assert.equal((await call('POST', '/api/stacks/web/rollback', { revision: 2 })).status, status);
      assert.deepEqual(asked(), ['rollbackStack', { name: 'web', revision: 2 }]);
      const body = { services: ['api'], replicas: 3 };
      assert.equal((await call('POST', '/api/stacks/web/actions/scale', body)).status, status);
      assert.deepEqual(asked(), ['actOnStack', { name: 'web', action: 'scale', body }]);
      assert.equal((await call('POST', '/api/stacks/web/sync')).status, status);
    }
    assert.equal((await call('POST', '/api/stacks/web/actions/explode')).status, 400);
    assert.equal((await call('POST', '/api/stacks/web/rollback', { revision: 0 })).status, 400);
    assert.deepEqual(
      gateway.bus.audit.map(({ action, object, code }) => [action, object, code]),
      [
        ['stack.act', 'stacks/web', 'invalid-name'],
        ['stack.rollback', 'stacks/web', 'invalid-input'],
      ],
    );
  });

  test('one revision by its number', async () => {
    assert.equal((await call('GET', '/api/stacks/web/revisions/7', undefined, auth)).status, 200);
    assert.deepEqual(asked(), ['getRevision', { name: 'web', revision: 7 }]);
    for (const wrong of ['0', '-1', '1.5', 'x', '9999999999', '%00', '1e3x']) {
      const response = await call('GET', `/api/stacks/web/revisions/${wrong}`, undefined, auth);
      assert.equal(response.status, 400, wrong);
    }
  });

  test('decisions, projects and images of a node', async () => {
    await call('POST', `/api/deployments/${ID}/cancel`);
    assert.deepEqual(asked(), ['decideDeployment', { id: ID, decision: 'cancel' }]);
    await call('GET', `/api/nodes/${ID}/projects`, undefined, auth);
    assert.deepEqual(asked(), ['listProjects', { node: ID }]);
    assert.equal((await call('POST', `/api/nodes/${ID}/projects/blog/adopt`)).status, 202);
    assert.deepEqual(asked(), ['adoptProject', { node: ID, project: 'blog' }]);
    assert.equal((await call('POST', `/api/nodes/${ID}/actions/prune`)).status, 202);
    assert.deepEqual(asked(), ['pruneNode', { node: ID, images: 'dangling' }]);
    await call('POST', `/api/nodes/${ID}/actions/prune`, { images: 'unused' });
    assert.deepEqual(asked(), ['pruneNode', { node: ID, images: 'unused' }]);
    assert.equal((await call('POST', `/api/nodes/${ID}/actions/prune`, { images: 'all' })).status, 400);
    await call('PUT', `/api/nodes/${ID}/config`, { pruneImages: 'unused' });
    assert.deepEqual(asked(), ['configureNode', { id: ID, config: { pruneImages: 'unused' } }]);
  });

  test("a webhook's address is told as the caller reaches us", async () => {
    gateway.bus.answers.webhookSecret = () => ({ name: 'web', path: '/api/hooks/git/web', secret: 's' });
    const found = (await (await call('GET', '/api/stacks/web/webhook', undefined, auth)).json()) as { url: string };
    assert.equal(found.url, `${gateway.url}/api/hooks/git/web`);
  });

  describe('hooks of forges', () => {
    const hook = (body: string, headers: Record<string, string>, name = 'web') =>
      call('POST', `/api/hooks/git/${name}`, body, { 'content-type': 'application/json', ...headers });
    const pushed = '{"ref": "refs/heads/main",  "x": "\u00e4"}';

    test('arrive with the very bytes of their body and what proves them', async () => {
      for (const [headers, signature, token] of [
        [{ 'x-hub-signature-256': 'sha256=ab' }, 'sha256=ab', null],
        [{ 'x-gitea-signature': 'ab' }, 'sha256=ab', null],
        [{ 'x-gitlab-token': 'secret' }, null, 'secret'],
        [{ 'x-gitlab-token': 'secret', 'content-type': 'application/x-www-form-urlencoded' }, null, 'secret'],
      ] as const) {
        const response = await hook(pushed, headers as Record<string, string>);
        assert.equal(response.status, 202, await response.text());
        const { name, input } = gateway.bus.asked.at(-1) ?? assert.fail();
        assert.equal(name, 'gitHook');
        assert.deepEqual(input, { name: 'web', signature, token, body: Buffer.from(pushed).toString('base64') });
      }
    });

    test('are refused alike: without proof, with a wrong one, for a stack that is not there', async () => {
      const seen = new Set<string>();
      const refuse = async (answer: (() => unknown) | undefined, headers: Record<string, string>, name?: string) => {
        gateway.bus.answers = answer ? { gitHook: answer } : {};
        const response = await hook(pushed, headers, name);
        assert.equal(response.status, 401);
        const { traceId: _, instance: __, ...problem } = (await response.json()) as Record<string, unknown>;
        seen.add(JSON.stringify(problem));
      };
      const proof = { 'x-gitlab-token': 'secret' };
      await refuse(undefined, {});
      await refuse(undefined, { 'x-gitlab-token': 's'.repeat(201) });
      await refuse(() => ({ accepted: false, reason: 'the signature is wrong' }), proof);
      const absent = () => {
        throw new OverseerError('stack-not-found', 'there is no stack nope');
      };
      await refuse(absent, proof, 'nope');
      assert.equal(seen.size, 1, [...seen].join('\n'));
      assert.equal(gateway.bus.audit.length, 4);
      assert.ok(gateway.bus.audit.every(({ actor }) => actor.kind === 'system' && actor.id === 'webhook'));
    });

    test('of more than 256 KiB are too large', async () => {
      const proof = { 'x-gitlab-token': 'secret' };
      assert.equal((await hook('x'.repeat(256 * 1024), proof)).status, 202);
      const response = await hook('x'.repeat(256 * 1024 + 1), proof);
      assert.equal(response.status, 413);
      assert.equal(((await response.json()) as { limit: number }).limit, 256 * 1024);
    });

    test('that come more often than a forge tells are put off', async () => {
      const many = await Promise.all(Array.from({ length: 70 }, () => hook('{}', { 'x-gitlab-token': 'x' })));
      assert.ok(many.some(({ status }) => status === 429));
    });
  });
});
