// Which secrets a stack uses, and what is said when one is set.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readModel } from '#infra/compose/model.ts';
import { secretNames, withExternalSecrets } from '#services/scheduler/secrets/used.ts';
import { warningsOf } from '#services/scheduler/secrets/warnings.ts';
import { specificationOf } from '#services/scheduler/specification.ts';
import { OverseerError } from '#subjects/errors.ts';
import type { StackSpec } from '#subjects/schema/stack.ts';

function contentOf(compose: string, secrets: StackSpec['secrets'] = {}) {
  return specificationOf({ compose, secrets, targets: { selector: {} } }).content;
}

const COMPOSE = `
services: { web: { image: x, secrets: [db] } }
secrets:
  db: { external: true }
  cache: { external: true, name: cache-key }
  local: { file: ./local.txt }
`;
const MODEL = readModel(
  JSON.stringify({
    services: { web: { image: 'x' } },
    secrets: {
      db: { name: 'db', external: true },
      cache: { name: 'cache-key', external: true },
      local: { name: 'x_local', file: '/x/local.txt' },
    },
  }),
);

describe('external secrets of Compose', () => {
  for (const [how, model] of [
    ["by Compose's own model", MODEL],
    ['by the text alone', null],
  ] as const) {
    test(`${how}: added under their name in the stack`, () => {
      const content = withExternalSecrets(contentOf(COMPOSE), model);
      assert.deepEqual(content.secrets, {
        db: { secret: 'db', services: null, environment: null },
        cache: { secret: 'cache-key', services: null, environment: null },
      });
      assert.deepEqual(secretNames(content), ['cache-key', 'db']);
    });

    test(`${how}: what the specification says of one stands`, () => {
      const listed = { db: { secret: 'db-of-shop', services: ['web'], environment: 'DB' } };
      const content = withExternalSecrets(contentOf(COMPOSE, listed), model);
      assert.deepEqual(content.secrets['db'], listed.db);
      assert.deepEqual(Object.keys(content.secrets).sort(), ['cache', 'db']);
    });
  }

  test('nothing to add leaves the content as it is', () => {
    const content = contentOf('services: {a: {image: x}}');
    assert.equal(withExternalSecrets(content, null), content);
    for (const compose of ['secrets: []', 'secrets: x', 'secrets: {a: }', '[]', 'null']) {
      assert.deepEqual(withExternalSecrets(contentOf(compose), null).secrets, {}, compose);
    }
  });

  test('names that no secret can have are refused with their place', () => {
    const refused: [string, string][] = [
      ['secrets: {_DB: {external: true}}', 'secrets._DB'],
      [`secrets: {db: {external: true, name: "a/b"}}`, 'secrets.db.name'],
      [`secrets: {db: {external: true, name: "\${NAME}"}}`, 'secrets.db.name'],
    ];
    for (const [compose, path] of refused) {
      assert.throws(
        () => withExternalSecrets(contentOf(compose), null),
        (error) => error instanceof OverseerError && error.code === 'invalid-name' && error.fields['path'] === path,
      );
    }
  });

  test('names of JavaScript itself are names like others', () => {
    const content = withExternalSecrets(contentOf('secrets: {constructor: {external: true}}'), null);
    assert.deepEqual(secretNames(content), ['constructor']);
  });
});

test('whoever sets a secret is warned of what to know', () => {
  const name = 'db';
  const use = { name, stack: 'web', isEnvironment: false };
  const place = { name, version: 2, node: 'n1', stack: 'web', recipient: null };
  assert.deepEqual(warningsOf({ name, uses: [use], waiting: [], recovery: 'age1x' }), []);
  const warnings = warningsOf({
    name,
    uses: [use, { ...use, stack: 'shop', isEnvironment: true }],
    waiting: [place, { ...place, stack: 'shop' }],
    recovery: null,
  });
  assert.equal(warnings.length, 3);
  assert.match(warnings[0] ?? '', /shop gets db as an environment variable/);
  assert.match(warnings[1] ?? '', /^1 node waits/);
  assert.match(warnings[2] ?? '', /no recovery recipient/);
});
