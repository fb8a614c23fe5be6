// Whatever is wrong with a request, the answer is a problem document with a code, and nothing has changed.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { everyPage } from '#test/harness/api.ts';
import { expectStatus, onlineNode, put } from '#test/harness/fleet.ts';
import { type Machine, startMachine } from '#test/harness/machine.ts';
import { idle } from '#test/harness/stacks.ts';
import { type System, startSystem } from '#test/harness/system.ts';

const NOBODY = 'a'.repeat(26);

interface Case {
  readonly title: string;
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly raw?: string;
  readonly token?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
  readonly status: number;
  readonly code: string | RegExp;
  /** The problem document must say this. */
  readonly says?: RegExp;
}

describe('bad input', () => {
  let machine: Machine;
  let system: System;
  let node: string;
  before(async () => {
    machine = await startMachine();
    system = await startSystem({ dockerHost: machine.dockerHost });
    node = (await onlineNode(system)).id;
    await put(system, 'good', idle('good'), { nodes: [node] });
  });
  after(async () => {
    await system?.stop();
    await machine?.stop();
  });

  /** All that a refused request could have changed. */
  async function digest(): Promise<string> {
    const nodes = await everyPage(system.api, '/api/nodes');
    const stacks = await everyPage(system.api, '/api/stacks');
    const deployments = await everyPage(system.api, '/api/deployments');
    const { body: tokens } = await system.api('GET', '/api/enrollment-tokens');
    const { body: status } = await system.api('GET', `/api/nodes/${node}/status`);
    const lasting = {
      nodes: nodes.map(({ id, name, labels, paused, drained }) => ({ id, name, labels, paused, drained })),
      stacks: stacks.map(({ name, revision, state, targets }) => ({ name, revision, state, targets })),
      deployments: deployments.map(({ id, stack, revision }) => ({ id, stack, revision })),
      tokens: tokens.items,
      desired: status.desired,
    };
    return createHash('sha256').update(JSON.stringify(lasting)).digest('hex');
  }

  function cases(): Case[] {
    const targets = { nodes: [node] };
    const compose = idle('x');
    const stack = (title: string, body: unknown, status: number, code: Case['code'], says?: RegExp): Case => ({
      title,
      method: 'PUT',
      path: '/api/stacks/bad',
      body,
      status,
      code,
      ...(says ? { says } : {}),
    });
    const named = (name: string): Case => ({
      title: `stack name ${JSON.stringify(name)}`,
      method: 'PUT',
      path: `/api/stacks/${encodeURIComponent(name)}`,
      body: { compose, targets },
      status: 400,
      code: /^invalid-(name|input)$/,
    });
    const file = (path: string): Case =>
      stack(`file ${JSON.stringify(path)}`, { compose, targets, files: { [path]: 'x' } }, 422, 'path-outside');
    return [
      { title: 'unknown node', method: 'GET', path: `/api/nodes/${NOBODY}`, status: 404, code: 'node-not-found' },
      {
        title: 'unknown node, removed',
        method: 'DELETE',
        path: `/api/nodes/${NOBODY}`,
        status: 404,
        code: 'node-not-found',
      },
      { title: 'malformed node id', method: 'GET', path: '/api/nodes/NoSuchNode', status: 400, code: /^invalid-/ },
      stack('unknown target', { compose, targets: { nodes: [NOBODY] } }, 404, 'node-not-found', new RegExp(NOBODY)),
      { title: 'unknown stack', method: 'GET', path: '/api/stacks/none', status: 404, code: 'stack-not-found' },
      {
        title: 'unknown deployment',
        method: 'GET',
        path: `/api/deployments/${NOBODY}`,
        status: 404,
        code: 'deployment-not-found',
      },
      { title: 'unknown address', method: 'GET', path: '/api/nothing', status: 404, code: 'not-found' },
      stack('malformed YAML', { compose: 'services:\n  a:\n   - b: [\n', targets }, 422, 'compose-malformed', /line/),
      stack('YAML with a tab', { compose: 'services:\n\ta: {}\n', targets }, 422, 'compose-malformed', /line/),
      stack('no service', { compose: 'volumes: {}\n', targets }, 422, /^compose-/),
      stack(
        'what docker compose refuses',
        { compose: 'services:\n  a:\n    image: x\n    no_such_key: 1\n', targets },
        422,
        'compose-refused',
        /no_such_key/,
      ),
      stack(
        'a dependency that is not there',
        { compose: 'services:\n  a:\n    image: x\n    depends_on: [b]\n', targets },
        422,
        'compose-refused',
        /depends on undefined service/,
      ),
      file('/etc/passwd'),
      file('../outside'),
      file('a/../../outside'),
      file('a//b'),
      file('a\\..\\b'),
      file('nul\u0000byte'),
      ...['Upper', 'sp ace', '-dash', 'dot.dot', 'a'.repeat(64), '$(id)', 'a;b', 'ünïcode', '..%2f'].map(named),
      ...[{ 'Key!': 'x' }, { key: 'sp ace' }, { key: '>' }, { 'a*': 'x' }, { key: '$(id)' }].flatMap((labels) => [
        {
          title: `labels ${JSON.stringify(labels)} of a node`,
          method: 'PUT',
          path: `/api/nodes/${node}/config`,
          body: { labels },
          status: 400,
          code: /^invalid-/,
        },
        {
          title: `labels ${JSON.stringify(labels)} of a token`,
          method: 'POST',
          path: '/api/enrollment-tokens',
          body: { labels },
          status: 400,
          code: /^invalid-/,
        },
        stack(`selector ${JSON.stringify(labels)}`, { compose, targets: { selector: labels } }, 400, /^invalid-/),
      ]),
      stack('no targets', { compose, targets: {} }, 400, 'invalid-input'),
      stack('a key that is not known', { compose, targets, surprise: true }, 400, 'invalid-input', /surprise/),
      stack('env name', { compose, targets, env: { 'A B': 'x' } }, 400, /^invalid-/),
      stack('2 MiB of compose', { compose: `# ${'x'.repeat(2 * 1024 * 1024)}\n${compose}`, targets }, 413, 'too-large'),
      {
        title: 'a body larger than any may be',
        method: 'PUT',
        path: '/api/stacks/bad',
        raw: JSON.stringify({ compose: 'x'.repeat(5 * 1024 * 1024), targets }),
        status: 413,
        code: 'too-large',
      },
      {
        title: 'half a body',
        method: 'PUT',
        path: '/api/stacks/bad',
        raw: '{"compose": "serv',
        status: 400,
        code: 'invalid-input',
      },
      { title: 'no body', method: 'PUT', path: '/api/stacks/bad', status: 400, code: 'invalid-input' },
      { title: 'an array', method: 'PUT', path: '/api/stacks/bad', body: [], status: 400, code: 'invalid-input' },
      {
        title: 'prototype keys',
        method: 'PUT',
        path: '/api/stacks/bad',
        raw: '{"__proto__": {"compose": "x"}, "targets": {"nodes": []}}',
        status: 400,
        code: 'invalid-input',
      },
      {
        title: 'not JSON',
        method: 'PUT',
        path: '/api/stacks/bad',
        raw: 'compose: x',
        headers: { 'content-type': 'text/yaml' },
        status: 415,
        code: 'unsupported-media-type',
      },
      { title: 'no bearer token', method: 'GET', path: '/api/nodes', token: null, status: 401, code: 'unauthorized' },
      {
        title: 'a wrong bearer token',
        method: 'DELETE',
        path: '/api/stacks/good',
        token: 'x'.repeat(43),
        status: 401,
        code: 'unauthorized',
      },
      {
        title: 'an empty bearer token',
        method: 'DELETE',
        path: '/api/stacks/good',
        token: '',
        status: 401,
        code: 'unauthorized',
      },
      {
        title: 'a limit that is none',
        method: 'GET',
        path: '/api/stacks?limit=-1',
        status: 400,
        code: 'invalid-input',
      },
    ];
  }

  test('each is refused with a problem document, and nothing has changed', async (t) => {
    const before = await digest();
    for (const { title, method, path, body, status, code, says, ...call } of cases()) {
      await t.test(title, async () => {
        const answer = await system.api(method, path, body, call);
        const told = JSON.stringify(answer.body)?.slice(0, 500);
        assert.equal(answer.status, status, told);
        assert.match(answer.headers.get('content-type') ?? '', /^application\/problem\+json/);
        if (typeof code === 'string') assert.equal(answer.body.code, code, told);
        else assert.match(answer.body.code, code, told);
        assert.equal(answer.body.status, status);
        for (const field of ['type', 'title', 'detail']) assert.equal(typeof answer.body[field], 'string', field);
        if (says) assert.match(JSON.stringify(answer.body), says);
        assert.doesNotMatch(told, /\bat .*\.ts:\d+|node_modules/, 'a stack trace leaked');
      });
    }
    assert.equal(await digest(), before);
  });

  test('control: the digest sees a change', async () => {
    const before = await digest();
    expectStatus(
      await system.api('PUT', '/api/stacks/good', { compose: idle('new'), targets: { nodes: [node] } }),
      202,
    );
    assert.notEqual(await digest(), before);
  });

  test('a malformed compose file is answered with its line', async () => {
    const compose = 'services:\n  a:\n    image: x\n    command: "never closed\n';
    const { body } = await system.api('PUT', '/api/stacks/bad', { compose, targets: { nodes: [node] } });
    assert.equal(body.code, 'compose-malformed');
    assert.ok(body.line >= 4 && body.line <= 5, JSON.stringify(body));
  });
});
