// The subject builder: nothing but a clean token gets into a subject, and what was built is read back as it was.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { newId } from '#infra/ids.ts';
import { entries } from '#subjects/contract.ts';
import { OverseerError } from '#subjects/errors.ts';
import { ID_PATTERN, TOKEN_PATTERN } from '#subjects/schema/ids.ts';
import { parametersOf, parseSubject, patternOf, subjectOf } from '#subjects/subject.ts';

const HOSTILE = [
  '*',
  '>',
  'a.b',
  'a.>',
  '',
  ' ',
  'a b',
  '.a',
  'a.',
  '..',
  '$SYS',
  '$JS',
  '_INBOX',
  'nöde',
  'node\n',
  'node\r\nPUB x 0',
  'node\0',
  '{{name()}}',
  '{node}',
  'A'.repeat(26),
  'a'.repeat(25),
  'a'.repeat(27),
  'a'.repeat(64),
  `${'a'.repeat(26)}\n`,
  `${'a'.repeat(25)}1`,
  `${'a'.repeat(25)}é`,
  'constructor',
  '__proto__',
];

function isRefused(build: () => string): boolean {
  try {
    build();
    return false;
  } catch (error) {
    return error instanceof OverseerError && error.code === 'invalid-name';
  }
}

test('hostile names are refused for every parameter of every message', () => {
  for (const [name, entry] of entries) {
    for (const parameter of parametersOf(entry.subject)) {
      for (const value of HOSTILE) {
        if (!['node', 'nonce', 'deployment'].includes(parameter) && TOKEN_PATTERN.test(value)) continue;
        const good = Object.fromEntries(parametersOf(entry.subject).map((other) => [other, newId()]));
        assert.ok(
          isRefused(() => subjectOf(entry.subject, { ...good, [parameter]: value } as object)),
          `${name}.${parameter} = ${JSON.stringify(value)}`,
        );
      }
    }
  }
});

test('values that are no strings are refused', () => {
  for (const value of [undefined, null, 1, {}, ['a'.repeat(26)], { toString: () => 'a'.repeat(26) }]) {
    assert.ok(isRefused(() => subjectOf('overseer.up.{node}.event', { node: value as string })));
  }
});

test('of 100,000 random strings none gets through that is not an id', () => {
  const nearly = fc.array(fc.constantFrom(...'abz27A1.*> $_-'), { maxLength: 28 }).map((parts) => parts.join(''));
  const clean = fc.array(fc.constantFrom(...'abcz234567'), { minLength: 26, maxLength: 26 }).map((p) => p.join(''));
  const any = fc.oneof(fc.string({ unit: 'binary', maxLength: 40 }), nearly, clean);
  let passed = 0;
  fc.assert(
    fc.property(any, (value) => {
      const refused = isRefused(() => subjectOf('overseer.up.{node}.event', { node: value }));
      assert.equal(refused, !ID_PATTERN.test(value));
      if (!refused) passed += 1;
    }),
    { numRuns: 100_000 },
  );
  assert.ok(passed > 1_000, 'the test must also see names that pass');
});

test('what was built is read back', () => {
  const id = fc.constantFrom(...Array.from({ length: 8 }, newId));
  for (const [, entry] of entries) {
    fc.assert(
      fc.property(fc.array(id, { minLength: 4, maxLength: 4 }), (ids) => {
        const values = Object.fromEntries(parametersOf(entry.subject).map((name, index) => [name, ids[index] ?? '']));
        const built = subjectOf(entry.subject, values as object);
        assert.deepEqual(parseSubject(entry.subject, built), values);
      }),
      { numRuns: 20 },
    );
  }
});

test('a subject of another message, or with a name outside its alphabet, is not read', () => {
  const template = 'overseer.up.{node}.event';
  assert.equal(parseSubject(template, `overseer.up.${'a'.repeat(26)}.report`), null);
  assert.equal(parseSubject(template, `overseer.up.${'a'.repeat(26)}.event.more`), null);
  assert.equal(parseSubject(template, `overseer.up.${'A'.repeat(26)}.event`), null);
  assert.equal(parseSubject(template, 'overseer.up.*.event'), null);
});

test('patterns have a wildcard for each open parameter', () => {
  assert.equal(patternOf('overseer.cmd.{node}.{nonce}.renew'), 'overseer.cmd.*.*.renew');
  assert.equal(patternOf('overseer.cmd.{node}.{nonce}.renew', { node: 'n' }), 'overseer.cmd.n.*.renew');
});
