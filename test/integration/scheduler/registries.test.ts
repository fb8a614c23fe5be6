// What registries may ask of us and what not: one real one, and some that mean harm.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { imageReference } from '#services/scheduler/images/reference.ts';
import { RegistryFault, registries } from '#services/scheduler/images/registry.ts';
import { importTestImage } from '#test/harness/image.ts';
import { type Registry, startRegistry } from '#test/harness/registry.ts';
import { until } from '#test/harness/until.ts';

const SOON_MS = 20_000;
let registry: Registry;

before(async () => {
  await importTestImage('unix:///var/run/docker.sock');
  registry = await startRegistry();
});
after(() => registry.stop());

describe('a registry', () => {
  const open: Server[] = [];
  after(() => {
    for (const server of open) {
      server.closeAllConnections();
      server.close();
    }
  });

  async function serve(listener: RequestListener): Promise<string> {
    const server = createServer(listener);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    open.push(server);
    return `127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  const credential = Buffer.from('robot:open sesame');
  async function ask(host: string, login: Buffer | null = null): Promise<string> {
    const image = imageReference(`${host}/web:1`);
    assert.ok(image);
    return registries([]).digestOf(image, login);
  }

  async function fault(host: string, login: Buffer | null = null): Promise<RegistryFault> {
    const error = await ask(host, login).then(assert.fail, (thrown: unknown) => thrown);
    assert.ok(error instanceof RegistryFault, String(error));
    assert.doesNotMatch(error.message, /open sesame/);
    return error;
  }

  test('that gives tokens is shown the credential only when it refuses strangers', async () => {
    const digest = registry.push('web', '1');
    const seen: string[] = [];
    const tokens = (isOpen: boolean): RequestListener => {
      return async (request, response) => {
        const { authorization } = request.headers;
        const url = new URL(request.url ?? '/', `http://${request.headers.host}`);
        if (url.pathname === '/token') {
          seen.push(
            `${url.searchParams.get('service')} ${url.searchParams.get('scope')} ${authorization ?? 'stranger'}`,
          );
          if (!isOpen && authorization === undefined) return void response.writeHead(401).end();
          return void response.end(JSON.stringify({ token: 'T0ken' }));
        }
        if (authorization !== 'Bearer T0ken') {
          const realm = `Bearer realm="http://${request.headers.host}/token",service="reg",scope="repository:web:pull"`;
          return void response.writeHead(401, { 'www-authenticate': realm }).end();
        }
        const answer = await fetch(`http://${registry.host}${request.url}`, {
          method: request.method ?? 'GET',
          headers: { accept: request.headers.accept ?? '' },
        });
        const named = answer.headers.get('docker-content-digest') ?? '';
        return void response.writeHead(answer.status, { 'docker-content-digest': named }).end();
      };
    };
    assert.equal(await ask(await serve(tokens(true)), credential), digest);
    assert.deepEqual(seen, ['reg repository:web:pull stranger']);
    assert.equal(await ask(await serve(tokens(false)), credential), digest);
    assert.equal(seen.at(-1), `reg repository:web:pull Basic ${credential.toString('base64')}`);
    assert.match((await fault(await serve(tokens(false)))).message, /does not show web:1/);
  });

  test('that names no digest is known by what it sends', async () => {
    const host = await serve((request, response) => response.end(request.method === 'HEAD' ? undefined : 'manifest'));
    assert.equal(await ask(host), `sha256:${createHash('sha256').update('manifest').digest('hex')}`);
  });

  test('that asks for patience is given it', async () => {
    const host = await serve((_, response) => response.writeHead(429, { 'retry-after': '120' }).end());
    assert.equal((await fault(host)).retrySeconds, 120);
  });

  const realms: [string, RegExp][] = [
    ['http://169.254.169.254/latest/meta-data', /link-local/],
    ['http://[::ffff:169.254.169.254]/', /link-local/],
    ['file:///etc/passwd', /https alone/],
    ['no url', /no place/],
  ];
  for (const [realm, words] of realms) {
    test(`may not send us to ${realm} for a token`, async () => {
      const host = await serve((_, response) =>
        response.writeHead(401, { 'www-authenticate': `Bearer realm="${realm}"` }).end(),
      );
      assert.match((await fault(host, credential)).message, words);
    });
  }

  test('may not redirect to where clouds keep credentials, nor for ever, nor take the login along', async () => {
    const to = (location: string) => serve((_, response) => response.writeHead(307, { location }).end());
    assert.match((await fault(await to('http://169.254.169.254/'))).message, /link-local/);
    assert.match((await fault(await to('/v2/again'))).message, /too often/);
    const seen: unknown[] = [];
    const other = await serve((request, response) => {
      seen.push(request.headers.authorization);
      response.writeHead(404).end();
    });
    const first = await serve((request, response) => {
      if (request.headers.authorization === undefined) {
        return void response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
      }
      return void response.writeHead(307, { location: `http://${other}/` }).end();
    });
    await fault(first, credential);
    assert.ok(seen.length > 0 && seen.every((value) => value === undefined));
  });

  test('that sends without end is cut off', async () => {
    const host = await serve((request, response) => {
      if (request.method === 'HEAD') return void response.end();
      const more = () => {
        while (response.write(Buffer.alloc(65_536)));
        response.once('drain', more);
      };
      more();
    });
    assert.match((await fault(host)).message, /more than \d+ bytes/);
  });

  test('at a link-local address is not asked', async () => {
    assert.match((await fault('169.254.169.254')).message, /link-local/);
    assert.match((await fault('169.254.169.254:80')).message, /link-local/);
  });

  test('is waited for no longer than its time', async () => {
    registry.pause();
    const began = performance.now();
    assert.match((await fault(registry.host)).message, /did not answer/);
    assert.ok(performance.now() - began < SOON_MS);
    registry.resume();
    await until(async () => (await fetch(`http://${registry.host}/v2/`)).ok, SOON_MS, 'the registry again');
  });
});
