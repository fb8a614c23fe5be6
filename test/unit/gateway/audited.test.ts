// Whatever changes something leaves a record when it is refused; that it leaves one when it is done, its service sees to.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { OverseerError } from '#subjects/errors.ts';
import { startTestGateway, type TestGateway, TOKEN } from './gateway.ts';

const ID = 'a'.repeat(26);
const VALUES: Readonly<Record<string, string>> = { name: 'web', id: ID, revision: '1', action: 'restart' };
/** Answered without changing anything, or recorded by the scheduler, which alone knows whether the signature fits. */
const NOT_HERE = new Set(['post /api/stacks/{name}/plan', 'post /api/hooks/git/{name}']);

let gateway: TestGateway;
before(async () => {
  gateway = await startTestGateway();
});
after(() => gateway.stop());

const { paths } = JSON.parse(readFileSync('docs/openapi.json', 'utf8')) as {
  paths: Record<string, Record<string, { operationId: string }>>;
};
const operations = Object.entries(paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, { operationId }]) => ({ path, method, operationId })),
);
const changing = operations.filter(({ method, path }) => method !== 'get' && !NOT_HERE.has(`${method} ${path}`));

test('control: there are calls that change something', () => assert.ok(changing.length > 20));

for (const { path, method, operationId } of changing) {
  test(`a refused ${operationId} stands in the audit`, async () => {
    const refuse = () => {
      throw new OverseerError('conflict', 'not now');
    };
    gateway.bus.answers = new Proxy({}, { get: () => refuse });
    gateway.bus.audit.length = 0;
    const address = path.replace(/\{([a-z]+)\}/g, (_, name: string) => VALUES[name] ?? 'x');
    const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' };
    // What is wrong about it, the body or the moment, is all the same.
    const response = await fetch(gateway.url + address, { method: method.toUpperCase(), headers, body: '{"no":1}' });
    if (operationId === 'closeSession') return assert.equal(gateway.bus.audit[0]?.outcome, 'accepted');
    assert.ok(response.status >= 400 && response.status < 500, `${response.status} ${await response.text()}`);
    const isPublic = gateway.bus.audit.length === 0 && /register|session|credential$/.test(path);
    if (isPublic) return assert.ok(response.status === 400 || response.status === 401);
    assert.deepEqual(
      gateway.bus.audit.map(({ outcome }) => outcome),
      ['refused'],
    );
  });
}
