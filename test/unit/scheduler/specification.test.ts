import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { cursorOf, pageOf, readCursor } from '#services/scheduler/cursor.ts';
import { contentHash, isSame, stackHash } from '#services/scheduler/fingerprint.ts';
import { overruled } from '#services/scheduler/own-strategy.ts';
import { NOTHING_RESOLVED, type SpecWithText, specificationOf, specOf } from '#services/scheduler/specification.ts';
import { OverseerError } from '#subjects/errors.ts';

const SPEC: SpecWithText = { compose: 'services: {}', targets: { nodes: ['b', 'a', 'b'] } };

function hashOf(spec: SpecWithText): string {
  return contentHash(specificationOf(spec).content);
}

describe('a specification', () => {
  test('what was left out is the same as its default', () => {
    assert.equal(hashOf({ ...SPEC, files: {}, env: {}, strategy: {} }), hashOf(SPEC));
    assert.equal(specificationOf(SPEC).state, 'running');
  });

  test("the text's own strategy counts before what is sent beside it, and must be one", () => {
    const own = { ...SPEC, compose: 'x-overseer: {batch: 2, stabilitySeconds: 9}\nservices: {}' };
    const { content, settings } = specificationOf({ ...own, strategy: { batch: 5, pauseSeconds: 7 } });
    assert.deepEqual([content.stabilitySeconds, settings.rollout.batch, settings.rollout.pauseSeconds], [9, 2, 7]);
    assert.throws(
      () => specificationOf({ ...SPEC, compose: 'x-overseer: {batch: none}\nservices: {}' }),
      (error) => error instanceof OverseerError && error.fields['path'] === 'x-overseer.batch',
    );
  });

  test('what was sent and does not count is warned of, with both values', () => {
    const compose = 'x-overseer: {batch: 25%, stabilitySeconds: 9, rollback: false}\nservices: {}';
    assert.deepEqual(overruled({ compose, strategy: { batch: 5, rollback: true, pauseSeconds: 7 } }), [
      'strategy.rollback: true does not count, for x-overseer in the Compose text says false',
      'strategy.batch: 5 does not count, for x-overseer in the Compose text says 25%',
    ]);
    assert.deepEqual(overruled({ compose }), []);
    assert.deepEqual(overruled({ compose: 'services: {}', strategy: { batch: 5 } }), []);
    const asStored = specOf(specificationOf({ ...SPEC, compose }));
    assert.deepEqual(overruled({ ...asStored, compose }), [], 'sent back as it is told, it says the same');
  });

  test('order and repetition of target nodes mean nothing', () => {
    const { targets } = specificationOf(SPEC);
    assert.ok(isSame(targets, specificationOf({ ...SPEC, targets: { nodes: ['a', 'b'] } }).targets));
  });

  test('state and targets are no content', () => {
    assert.equal(hashOf({ ...SPEC, state: 'stopped', targets: { selector: {} } }), hashOf(SPEC));
  });

  test('compose text, files, env and strategy are', () => {
    const others: Partial<SpecWithText>[] = [
      { compose: 'services: { }' },
      { files: { a: '' } },
      { env: { A: '' } },
      { strategy: { stabilitySeconds: 9 } },
      { strategy: { healthTimeoutSeconds: 9 } },
    ];
    const hashes = [SPEC, ...others.map((other) => ({ ...SPEC, ...other }))].map(hashOf);
    assert.equal(new Set(hashes).size, hashes.length);
  });

  test('a stopped stack is another thing to do than a running one', () => {
    assert.notEqual(stackHash('x', 'running', NOTHING_RESOLVED), stackHash('x', 'stopped', NOTHING_RESOLVED));
  });

  test('it comes back as it was stored', () => {
    const specification = specificationOf({ ...SPEC, files: { 'a/b': 'x' }, env: { A: '1' }, state: 'stopped' });
    assert.deepEqual(
      specificationOf({ compose: SPEC.compose, ...specOf(specification) } as SpecWithText),
      specification,
    );
  });

  const refused: [string, Partial<SpecWithText>][] = [
    ["the agent's own compose file", { files: { 'compose.yaml': '' } }],
    ["the agent's own .env", { files: { '.env': '' } }],
    ['a file that is a folder', { files: { a: '', 'a/b/c': '' } }],
    ['a folder that is a file, deep', { files: { 'a/b/c': '', 'a/b': '' } }],
    ['files that are too large in bytes', { files: { a: 'ä'.repeat(1024 * 1024 + 1) } }],
    ['a compose text too large in bytes', { compose: 'ä'.repeat(600_000) }],
    ['a zero byte in the environment', { env: { A: 'x\0y' } }],
  ];
  for (const [name, part] of refused) {
    test(`refused: ${name}`, () => {
      assert.throws(
        () => specificationOf({ ...SPEC, ...part }),
        (error) => error instanceof OverseerError && error.code === 'invalid-input',
      );
    });
  }
});

describe('a cursor', () => {
  test('reads back, for its own list alone', () => {
    const cursor = cursorOf('stacks', 'web');
    assert.match(cursor, /^[A-Za-z0-9_-]+$/);
    assert.deepEqual(readCursor(cursor, 'stacks', 1), ['web']);
    for (const wrong of [() => readCursor(cursor, 'deployments', 1), () => readCursor('§', 'stacks', 1)]) {
      assert.throws(wrong, (error) => error instanceof OverseerError && error.code === 'invalid-input');
    }
  });

  test('there is one only when there is more', () => {
    assert.deepEqual(
      pageOf(['a', 'b', 'c'], 2, (last) => last),
      { items: ['a', 'b'], nextCursor: 'b' },
    );
    assert.equal(pageOf(['a', 'b'], 2, (last) => last).nextCursor, null);
  });
});
