// The console's files, and who may ask for what.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { startTestGateway, type TestGateway, TOKEN } from './gateway.ts';

describe('pages', () => {
  let gateway: TestGateway;
  before(async () => {
    gateway = await startTestGateway();
  });
  after(() => gateway.stop());
  const get = (path: string) => fetch(gateway.url + path);

  test('a console that is not built says so', async () => {
    const response = await get('/');
    assert.equal(response.status, 404);
    assert.match(await response.text(), /not built/);
  });

  test('files as they are, the page for every other address, nothing outside', async () => {
    writeFileSync(join(gateway.consoleRoot, 'index.html'), '<!doctype html><title>Overseer</title>');
    mkdirSync(join(gateway.consoleRoot, 'assets'));
    writeFileSync(join(gateway.consoleRoot, 'assets', 'app-1a2b.js'), 'export {};');
    for (const path of ['/', '/nodes', '/stacks/web.site/x', '/index.html']) {
      const response = await get(path);
      assert.equal(response.status, 200, path);
      assert.match(await response.text(), /<title>Overseer/);
      assert.equal(response.headers.get('cache-control'), 'no-cache');
    }
    const script = await get('/assets/app-1a2b.js');
    assert.match(script.headers.get('content-type') ?? '', /javascript/);
    assert.match(script.headers.get('cache-control') ?? '', /immutable/);
    for (const path of [
      '/absent.js',
      '/../../package.json',
      '/..%2f..%2fpackage.json',
      '/%00.js',
      '/assets/..%5c..%5cx.js',
    ]) {
      const response = await get(path);
      assert.equal(response.status, 404, path);
      assert.match(response.headers.get('content-type') ?? '', /problem\+json/);
    }
    assert.equal((await fetch(`${gateway.url}/nodes`, { method: 'POST' })).status, 404);
  });

  test('every answer forbids frames, foreign scripts and guesses of its type', async () => {
    for (const path of ['/', '/api/nodes', '/healthz']) {
      const { headers } = await get(path);
      const policy = headers.get('content-security-policy') ?? '';
      assert.match(policy, /default-src 'self'/);
      assert.match(policy, /frame-ancestors 'none'/);
      assert.doesNotMatch(policy, /script-src[^;]*unsafe|upgrade-insecure-requests/);
      assert.equal(headers.get('x-content-type-options'), 'nosniff');
      assert.equal(headers.get('access-control-allow-origin'), null);
    }
  });

  test('no other site is let in by a preflight', async () => {
    const response = await fetch(`${gateway.url}/api/nodes`, {
      method: 'OPTIONS',
      headers: { origin: 'https://evil.example', 'access-control-request-method': 'DELETE' },
    });
    assert.equal(response.headers.get('access-control-allow-origin'), null);
    assert.equal(response.status, 401);
  });

  test('the reference page has what it needs under its own policy', async () => {
    const page = await get('/docs/');
    assert.equal(page.status, 200);
    const policy = page.headers.get('content-security-policy') ?? '';
    assert.match(policy, /script-src/);
    assert.doesNotMatch(policy, /upgrade-insecure-requests/);
    const sources = [...(await page.text()).matchAll(/(?:src|href)="(\.?\/[^"]+)"/g)].map((match) => match[1] ?? '');
    assert.ok(sources.length > 2);
    for (const source of sources) {
      assert.equal((await fetch(new URL(source, `${gateway.url}/docs/`))).status, 200, source);
    }
  });

  test('more logins than a person makes are put off', async () => {
    const body = JSON.stringify({ token: 'guess' });
    const open = () =>
      fetch(`${gateway.url}/api/session`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    const answers = await Promise.all(Array.from({ length: 40 }, open));
    const late = answers.filter(({ status }) => status === 429);
    assert.equal(late.length, 10);
    assert.ok(Number(late[0]?.headers.get('retry-after')) > 0);
    const problem = (await late[0]?.json()) as Record<string, unknown>;
    assert.equal(problem['code'], 'rate-limited');
    const calls = await Promise.all(
      Array.from({ length: 100 }, () =>
        fetch(`${gateway.url}/api/nodes`, { headers: { authorization: `Bearer ${TOKEN}` } }),
      ),
    );
    assert.ok(calls.every(({ status }) => status === 200));
  });
});
