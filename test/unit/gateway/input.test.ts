// Whatever is sent: a problem document with a code, and nothing asked of the bus that the contract does not know.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, beforeEach, describe, test } from 'node:test';
import { OverseerError } from '#subjects/errors.ts';
import { startTestGateway, type TestGateway, TOKEN } from './gateway.ts';

const auth = { authorization: `Bearer ${TOKEN}` };
const json = { ...auth, 'content-type': 'application/json' };
const targets = { nodes: ['a'.repeat(26)] };
const compose = 'services: {}\n';

describe('input', () => {
  let gateway: TestGateway;
  before(async () => {
    gateway = await startTestGateway();
  });
  after(() => gateway.stop());
  beforeEach(() => {
    gateway.bus.answers = {};
    gateway.bus.auditFails = false;
    gateway.bus.asked.length = 0;
    gateway.bus.audit.length = 0;
  });

  async function refused(method: string, path: string, init: RequestInit, status: number, code: string) {
    const response = await fetch(gateway.url + path, { method, ...init });
    const text = await response.text();
    assert.equal(response.status, status, `${method} ${path}: ${text.slice(0, 300)}`);
    assert.match(response.headers.get('content-type') ?? '', /^application\/problem\+json/);
    const problem = JSON.parse(text);
    assert.equal(problem.code, code, text.slice(0, 300));
    assert.equal(problem.status, status);
    for (const field of ['type', 'title', 'detail', 'instance', 'traceId'])
      assert.equal(typeof problem[field], 'string');
    assert.equal(problem.traceId, response.headers.get('x-request-id'));
    assert.equal(gateway.bus.asked.length, 0);
    return problem;
  }

  const put = (body: unknown) => ({ headers: json, body: typeof body === 'string' ? body : JSON.stringify(body) });
  const stack = '/api/stacks/web';

  test('bodies that are no JSON, or not the right one', async () => {
    await refused('PUT', stack, put('{"compose": "serv'), 400, 'invalid-input');
    await refused('PUT', stack, put('{"__proto__": {"compose": "x"}}'), 400, 'invalid-input');
    await refused('PUT', stack, put('{"constructor": {"prototype": {}}}'), 400, 'invalid-input');
    await refused('PUT', stack, put('null'), 400, 'invalid-input');
    await refused('PUT', stack, put([]), 400, 'invalid-input');
    await refused('PUT', stack, { headers: auth }, 400, 'invalid-input');
    await refused('PUT', stack, { headers: json }, 400, 'invalid-input');
    const type = (kind: string) => ({ headers: { ...auth, 'content-type': kind }, body: 'x' });
    await refused('PUT', stack, type('text/yaml'), 415, 'unsupported-media-type');
    await refused('PUT', stack, type('text/plain'), 415, 'unsupported-media-type');
    await refused('PUT', stack, type('not a type'), 415, 'unsupported-media-type');
  });

  test('every fault is told with its place', async () => {
    const body = { compose, targets: { nodes: ['x'] }, env: { 'A B': 'x' }, surprise: true };
    const { issues } = await refused('PUT', stack, put(body), 400, 'invalid-input');
    const told = issues.map(({ path, message }: { path: string; message: string }) => `${path}: ${message}`).join('\n');
    assert.match(told, /targets\.nodes\.0: must be 26 characters/);
    assert.match(told, /env\.A B: must be the name of an environment variable/);
    assert.match(told, /surprise/);
  });

  test('names, limits and paths', async () => {
    for (const name of ['Upper', 'sp%20ace', '-dash', 'a'.repeat(64), 'a'.repeat(3000), '%24(id)', '..%2f', '%00']) {
      await refused('PUT', `/api/stacks/${name}`, put({ compose, targets }), 400, 'invalid-name');
    }
    await refused('GET', '/api/nodes/%zz', { headers: auth }, 400, 'invalid-input');
    await refused('GET', '/api/nodes/NoSuchNode', { headers: auth }, 400, 'invalid-name');
    for (const limit of ['-1', '0', '1001', '1.5', 'x', '', '1&limit=2', '1e9', 'NaN']) {
      await refused('GET', `/api/nodes?limit=${limit}`, { headers: auth }, 400, 'invalid-input');
    }
    await refused('GET', '/api/nodes?what=1', { headers: auth }, 400, 'invalid-input');
    await refused('GET', '/api/events?cursor=zero', { headers: auth }, 400, 'invalid-input');
    for (const path of ['/etc/passwd', '../x', 'a//b', 'a\\b', 'a\u0000b']) {
      await refused('PUT', stack, put({ compose, targets, files: { [path]: 'x' } }), 422, 'path-outside');
    }
  });

  test('what is too large', async () => {
    const large = 'x'.repeat(2 * 1024 * 1024);
    const { limit } = await refused('PUT', stack, put({ compose: large, targets }), 413, 'too-large');
    assert.equal(limit, 1024 * 1024);
    await refused('PUT', stack, put({ compose, targets, files: { a: `${large}x` } }), 413, 'too-large');
    for (const mebibytes of [5, 64]) {
      await refused('PUT', stack, put({ compose: 'x'.repeat(mebibytes * 1024 * 1024), targets }), 413, 'too-large');
    }
  });

  test("a service's refusal arrives with its fields, and nothing of it replaces the document's own", async () => {
    gateway.bus.answers.putStack = () => {
      throw new OverseerError('compose-malformed', 'line 3: no', { fields: { line: 3, status: 200, traceId: 'x' } });
    };
    const response = await fetch(gateway.url + stack, { method: 'PUT', ...put({ compose, targets }) });
    const problem = (await response.json()) as Record<string, unknown>;
    assert.equal(response.status, 422);
    assert.deepEqual(
      [problem['code'], problem['line'], problem['status'], problem['detail']],
      ['compose-malformed', 3, 422, 'line 3: no'],
    );
    assert.match(String(problem['traceId']), /^[a-z2-7]{26}$/);
  });

  test('a fault of our own is 500 and tells nothing', async () => {
    gateway.bus.answers.getNode = () => {
      throw new TypeError('secret of /etc/shadow');
    };
    const response = await fetch(`${gateway.url}/api/nodes/${'a'.repeat(26)}`, { headers: auth });
    const text = await response.text();
    assert.equal(response.status, 500);
    assert.ok(!text.includes('shadow'));
  });

  test('a refused change stands in the audit, a refused question does not', async () => {
    await refused('PUT', '/api/stacks/a%00b', put({ compose, targets }), 400, 'invalid-name');
    await refused('DELETE', '/api/nodes/x', { headers: auth }, 400, 'invalid-name');
    await refused('GET', '/api/nodes/x', { headers: auth }, 400, 'invalid-name');
    await refused('DELETE', '/api/nodes/x', {}, 401, 'unauthorized');
    assert.deepEqual(
      gateway.bus.audit.map(({ action, object, outcome, code, actor }) => [action, object, outcome, code, actor.id]),
      [
        ['stack.put', 'stacks/a\\u0000b', 'refused', 'invalid-name', 'admin'],
        ['node.remove', 'nodes/x', 'refused', 'invalid-name', 'admin'],
      ],
    );
  });

  test('when the record of a refusal can not be kept, the answer is `unavailable`', async () => {
    gateway.bus.auditFails = true;
    await refused('DELETE', '/api/nodes/x', { headers: auth }, 503, 'unavailable');
    await refused('GET', '/api/nodes/x', { headers: auth }, 400, 'invalid-name');
    const body = JSON.stringify({ token: TOKEN });
    await refused(
      'POST',
      '/api/session',
      { headers: { 'content-type': 'application/json' }, body },
      503,
      'unavailable',
    );
  });

  test('a login stands in the audit, one that failed too, its token does not', async () => {
    const open = (token: string) =>
      fetch(`${gateway.url}/api/session`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ token }),
      });
    assert.equal((await open('guessed')).status, 401);
    assert.equal((await open(TOKEN)).status, 200);
    assert.deepEqual(
      gateway.bus.audit.map(({ action, outcome, actor }) => `${action} ${outcome} ${actor.id}`),
      ['session.open refused unknown', 'session.open accepted admin'],
    );
    assert.doesNotMatch(JSON.stringify(gateway.bus.audit), /guessed|ovs_adm/);
  });

  test('what is no HTTP gets an answer too, and the socket ends', async () => {
    const { port } = new URL(gateway.url);
    for (const sent of [
      'GARBAGE\r\n\r\n',
      'GET / HTTP/1.1\r\nbad header\r\n\r\n',
      `GET /${'x'.repeat(80_000)} HTTP/1.1\r\n\r\n`,
    ]) {
      const answer = await new Promise<string>((resolve, reject) => {
        let text = '';
        const socket = connect(Number(port), '127.0.0.1', () => socket.write(sent));
        socket.on('data', (chunk) => {
          text += chunk;
        });
        socket.on('error', reject);
        socket.on('close', () => resolve(text));
      });
      assert.match(answer, /^HTTP\/1\.1 4\d\d .*\r\ncontent-type: application\/problem\+json/);
    }
  });

  test('labels of a metric are templates, never addresses', async () => {
    await fetch(`${gateway.url}/api/nodes/${'q'.repeat(26)}`, { headers: auth });
    const text = await (await fetch(`${gateway.url}/metrics`)).text();
    assert.match(text, /overseer_http_requests_total\{method="GET",route="\/api\/nodes\/:id",code="200"\} \d/);
    assert.ok(!text.includes('q'.repeat(26)));
  });
});
