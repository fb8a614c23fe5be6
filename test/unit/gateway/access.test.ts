// Every route against every kind of caller. The table is made from the routes: a new one is in it at once.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Reauthentication, Registration } from '#subjects/schema/node.ts';
import { NotificationSpec } from '#subjects/schema/notification.ts';
import { ReaderSpec } from '#subjects/schema/reader.ts';
import { RewrapBody } from '#subjects/schema/secret.ts';
import { StackSpec } from '#subjects/schema/stack.ts';
import { exampleOf } from './example.ts';
import { startTestGateway, type TestGateway, TOKEN } from './gateway.ts';

const OPEN = new Set([
  'POST /api/nodes/register',
  'POST /api/nodes/{id}/credential',
  'POST /api/session',
  'POST /api/hooks/git/{name}',
]);

interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly name: string;
}

const BODIES: Readonly<Record<string, unknown>> = {
  'POST /api/enrollment-tokens': {},
  'POST /api/nodes/register': exampleOf(Registration),
  'POST /api/nodes/{id}/credential': exampleOf(Reauthentication),
  'PUT /api/nodes/{id}/config': { paused: true },
  'PUT /api/stacks/{name}': exampleOf(StackSpec),
  'PUT /api/secrets/{name}': { value: 'x' },
  'POST /api/secrets/{name}/rewrap': exampleOf(RewrapBody),
  'POST /api/readers': exampleOf(ReaderSpec),
  'PUT /api/notifications/{name}': exampleOf(NotificationSpec),
  'POST /api/session': { token: TOKEN },
};

/** In place of a token. */
const HEADERS: Readonly<Record<string, Record<string, string>>> = {
  'POST /api/hooks/git/{name}': { 'x-gitlab-token': 'hook' },
};

/** Parameters of addresses. */
const RIGHT: Readonly<Record<string, string>> = { id: 'a'.repeat(26), name: 'web', revision: '1', action: 'restart' };

describe('access', () => {
  let gateway: TestGateway;
  let cookie: string;
  before(async () => {
    gateway = await startTestGateway();
    const signedIn = await fetch(`${gateway.url}/api/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token: TOKEN }),
    });
    assert.equal(signedIn.status, 200);
    const set = signedIn.headers.get('set-cookie') ?? '';
    assert.match(set, /HttpOnly/);
    assert.match(set, /SameSite=Strict/);
    cookie = set.split(';')[0] ?? '';
  });
  after(() => gateway.stop());

  function routes(): Route[] {
    return Object.entries(gateway.app.swagger().paths ?? {}).flatMap(([path, methods]) =>
      Object.keys(methods as object).map((verb) => {
        const method = verb.toUpperCase() as Route['method'];
        const real = path.replace(
          /\{(\w+)\}/g,
          (_, name: string) => RIGHT[name] ?? assert.fail(`no ${name} of ${path}`),
        );
        return { method, path: real, name: `${method} ${path}` };
      }),
    );
  }

  function call({ method, path, name }: Route, headers: Record<string, string>): Promise<Response> {
    const body = BODIES[name];
    return fetch(gateway.url + path, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...HEADERS[name],
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }

  const problemOf = async (response: Response) => {
    assert.match(response.headers.get('content-type') ?? '', /^application\/problem\+json/);
    return (await response.json()) as Record<string, unknown>;
  };

  test('the table holds the whole interface', () => {
    assert.ok(routes().length >= 38, String(routes().length));
    for (const name of [...OPEN, ...Object.keys(BODIES)])
      assert.ok(
        routes().some((route) => route.name === name),
        name,
      );
  });

  test('without a token, and with wrong ones, all but the open routes answer 401 and ask nothing of the bus', async () => {
    const before = gateway.bus.asked.length;
    const wrong: Record<string, string>[] = [
      {},
      { authorization: 'Bearer wrong' },
      { authorization: `Bearer ${TOKEN}x` },
      { authorization: 'Bearer ' },
      { authorization: `Basic ${btoa(`admin:${TOKEN}`)}` },
      { authorization: TOKEN },
      { cookie: 'overseer-session=forged%3Bsession' },
      { cookie: `overseer-session=${TOKEN}` },
      // A wrong token is not made good by a session beside it.
      { authorization: 'Bearer wrong', cookie },
    ];
    for (const route of routes().filter(({ name }) => !OPEN.has(name))) {
      for (const headers of wrong) {
        const response = await call(route, headers);
        assert.equal(response.status, 401, `${route.name} ${JSON.stringify(headers)}`);
        assert.equal((await problemOf(response))['code'], 'unauthorized');
        assert.match(response.headers.get('www-authenticate') ?? '', /^Bearer/);
      }
    }
    assert.equal(gateway.bus.asked.length, before);
  });

  test('with the token every route answers', async () => {
    for (const route of routes()) {
      const response = await call(route, { authorization: `Bearer ${TOKEN}` });
      assert.ok(response.status < 300, `${route.name}: ${response.status} ${await response.text()}`);
    }
  });

  test('with a session every route answers our own pages, and no other site', async () => {
    for (const route of routes().filter(({ name }) => name !== 'DELETE /api/session')) {
      const own = await call(route, { cookie, 'sec-fetch-site': 'same-origin' });
      assert.ok(own.status < 300, `${route.name}: ${own.status} ${await own.text()}`);
      if (route.method === 'GET' || (OPEN.has(route.name) && route.name !== 'POST /api/session')) continue;
      for (const foreign of [
        { 'sec-fetch-site': 'cross-site' },
        { 'sec-fetch-site': 'same-site' },
        { origin: 'https://evil.example' },
        { origin: 'null' },
      ]) {
        const response = await call(route, { cookie, ...foreign } as Record<string, string>);
        assert.equal(response.status, 403, `${route.name} ${JSON.stringify(foreign)}`);
        assert.equal((await problemOf(response))['code'], 'forbidden');
      }
    }
    const origin = gateway.url;
    const byOrigin = await call({ method: 'DELETE', path: '/api/stacks/web', name: '' }, { cookie, origin });
    assert.equal(byOrigin.status, 202);
  });

  test('what is not there is 401 before it is 404, and 405 where another method is', async () => {
    const auth = { authorization: `Bearer ${TOKEN}` };
    for (const path of [
      '/api',
      '/api/',
      '/api/nothing',
      '/api/nodes/a/b/c',
      '/%61pi/nothing',
      '/api/stacks/web/plans',
    ]) {
      assert.equal((await fetch(gateway.url + path)).status, 401, path);
      const known = await fetch(gateway.url + path, { headers: auth });
      assert.equal(known.status, 404, path);
      assert.equal((await problemOf(known))['code'], 'not-found');
    }
    assert.equal((await fetch(`${gateway.url}/%61pi/nodes`)).status, 401);
    assert.equal((await fetch(`${gateway.url}/api/nodes`, { method: 'PATCH' })).status, 401);
    const other = await fetch(`${gateway.url}/api/nodes`, { method: 'PATCH', headers: auth });
    assert.equal(other.status, 405);
    assert.match(other.headers.get('allow') ?? '', /GET/);
  });

  test('a session ends when it is closed', async () => {
    const signedIn = await call({ method: 'POST', path: '/api/session', name: 'POST /api/session' }, {});
    const own = (signedIn.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
    const who = await call({ method: 'GET', path: '/api/session', name: '' }, { cookie: own });
    assert.deepEqual(await who.json(), { actor: 'admin', version: '9.9.9' });
    const closed = await call(
      { method: 'DELETE', path: '/api/session', name: '' },
      { cookie: own, 'sec-fetch-site': 'same-origin' },
    );
    assert.equal(closed.status, 200);
    assert.match(closed.headers.get('set-cookie') ?? '', /Max-Age=0|Expires=Thu, 01 Jan 1970/);
  });

  test('operation and reference are open to all', async () => {
    for (const path of ['/healthz', '/readyz', '/metrics', '/openapi.json', '/docs']) {
      assert.equal((await fetch(gateway.url + path)).status, 200, path);
    }
  });
});
