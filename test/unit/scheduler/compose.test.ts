import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { checkConfinement } from '#infra/compose/confinement.ts';
import { OverseerError } from '#subjects/errors.ts';
import { FINE, MALFORMED, OUTSIDE } from './compose-corpus.ts';
import { REACHING, WITHIN } from './compose-corpus-reach.ts';
import { ALIKE, UNLIKE } from './compose-corpus-readers.ts';

/** Far above what any of them needs, far below what makes a core stand still. */
const BUDGET_MS = 5000;

describe('a Compose text is refused before anything is stored', () => {
  for (const { name, compose, files = {}, env = {}, code, fields = {} } of [
    ...MALFORMED,
    ...UNLIKE,
    ...OUTSIDE,
    ...REACHING,
  ]) {
    test(`${code}: ${name}`, () => {
      const began = performance.now();
      assert.throws(
        () => checkConfinement({ compose, files, env }),
        (error) => {
          assert.ok(error instanceof OverseerError, String(error));
          assert.equal(error.code, code, error.message);
          for (const [field, value] of Object.entries(fields)) assert.deepEqual(error.fields[field], value, field);
          assert.ok(error.message.length < 1000);
          return true;
        },
      );
      assert.ok(performance.now() - began < BUDGET_MS);
    });
  }
});

describe('a Compose text may pass', () => {
  for (const { name, compose, files = {}, env = {} } of [...FINE, ...ALIKE, ...WITHIN]) {
    test(name, () => checkConfinement({ compose, files, env }));
  }
});
