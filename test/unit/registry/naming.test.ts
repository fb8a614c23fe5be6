// Names of nodes nobody named.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { freeName, suggestedName } from '#services/registry/naming.ts';
import { NodeName } from '#subjects/schema/ids.ts';

test('a host name in our alphabet', () => {
  assert.equal(suggestedName('Web-01.Example.COM'), 'web-01.example.com');
  assert.equal(suggestedName('my host_1'), 'my-host-1');
  assert.equal(suggestedName('-.-'), 'node');
  assert.equal(suggestedName('žluťoučký'), 'lu-ou-k');
});

test('a number when the name is taken', () => {
  const taken = new Set(['web', 'web-2']);
  assert.equal(
    freeName('web', (name) => taken.has(name)),
    'web-3',
  );
  assert.equal(
    freeName('db', (name) => taken.has(name)),
    'db',
  );
});

test('whatever the host is called and however many there are, the names are valid and all differ', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), fc.integer({ min: 1, max: 30 }), (hostname, count) => {
      const taken = new Set<string>();
      for (let index = 0; index < count; index++) {
        const name = freeName(suggestedName(hostname), (candidate) => taken.has(candidate));
        assert.ok(NodeName.safeParse(name).success, name);
        taken.add(name);
      }
      assert.equal(taken.size, count);
    }),
  );
});
