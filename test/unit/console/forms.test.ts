// The form of a deployment: what is typed and what it makes, on top of a newer revision, and the alphabets of its names.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import * as names from '#clients/console/api/names.ts';
import type { StackSpec } from '#clients/console/api/shapes.ts';
import { draftOf, EMPTY_DRAFT } from '#clients/console/stacks/draft.ts';
import { specOf } from '#clients/console/stacks/draft-spec.ts';
import { rebased } from '#clients/console/stacks/rebase.ts';
import { StackName } from '#subjects/schema/ids.ts';
import { NotificationName } from '#subjects/schema/notification.ts';
import { ReaderName } from '#subjects/schema/reader.ts';
import { SecretName } from '#subjects/schema/secret.ts';
import { GitSource, ImagePolicy } from '#subjects/schema/source.ts';
import { Profiles, RelativePath, StackSecret, Strategy } from '#subjects/schema/stack.ts';

describe('the form', () => {
  const full: StackSpec = {
    source: { repository: 'https://a/b.git', ref: 'main', path: 'web', credential: 'key', everySeconds: 60 },
    files: { 'x.conf': '1' },
    env: { A: '1' },
    secrets: { pw: { secret: 'db', services: ['web', 'job'], environment: 'PW' }, key: {} },
    profiles: ['a', 'b'],
    scale: { web: 2 },
    drift: 'correct',
    logs: { collect: 'errors', linesPerSecond: 500, keepDays: 30 },
    dependsOn: ['db'],
    images: { policy: 'deploy', credentials: { 'r.lan:5000': 'registry' }, everySeconds: 600 },
    targets: { selector: { env: 'prod' } },
    strategy: {
      ...{ stabilitySeconds: 3, healthTimeoutSeconds: 60, batch: 2, maxUnavailable: 4, pauseSeconds: 0 },
      gate: 'healthy',
      rollback: true,
    },
    state: 'stopped',
  };

  test('what was there comes back as it was', () => {
    assert.deepEqual(specOf(draftOf(full), full), full);
    const bare: StackSpec = { compose: 'a', targets: { nodes: [] }, strategy: { stabilitySeconds: 1 } };
    assert.deepEqual(specOf(draftOf(bare), bare), bare);
  });

  test('a share is text, a number is a number, nothing is nothing', () => {
    const batch = (text: string) =>
      specOf({ ...EMPTY_DRAFT, compose: 'a', rollout: { ...EMPTY_DRAFT.rollout, batch: text } }, null).strategy;
    assert.deepEqual([batch('25%'), batch('3'), batch(' ')], [{ batch: '25%' }, { batch: 3 }, undefined]);
  });

  test('text takes the place of a repository', () => {
    const spec = specOf({ ...draftOf(full), from: 'text', compose: 'b' }, full);
    assert.deepEqual([spec.compose, spec.source], ['b', undefined]);
  });
  test('what the form does not show stays as it was', () => {
    const spec: StackSpec = {
      compose: 'a',
      files: { 'x.conf': '1' },
      env: { A: '1' },
      targets: { nodes: ['n1'], selector: { env: 'prod' } },
      strategy: { stabilitySeconds: 3 },
      state: 'stopped',
    };
    assert.deepEqual(specOf(draftOf(spec), spec), spec);
    const { env: _, ...rest } = spec;
    assert.deepEqual(specOf({ ...draftOf(spec), environment: '' }, spec), rest);
  });

  test('a new stack has what was written and no more', () => {
    assert.deepEqual(specOf({ ...EMPTY_DRAFT, compose: 'a', nodes: ['n1'] }, null), {
      compose: 'a',
      targets: { nodes: ['n1'] },
    });
  });

  test('files, dependencies and images are sent when there are some, and taken away when there were', () => {
    const draft = {
      ...{ ...EMPTY_DRAFT, compose: 'a', nodes: ['n1'], files: [{ path: 'a/b.toml', text: 'x\n' }], dependsOn: ['db'] },
      images: { policy: 'notify' as const, logins: [{ host: 'r.lan', secret: 'registry' }], everySeconds: '600' },
    };
    const spec = specOf(draft, null);
    assert.deepEqual(spec, {
      compose: 'a',
      targets: { nodes: ['n1'] },
      files: { 'a/b.toml': 'x\n' },
      dependsOn: ['db'],
      images: { policy: 'notify', credentials: { 'r.lan': 'registry' }, everySeconds: 600 },
    });
    const none = specOf({ ...EMPTY_DRAFT, compose: 'a', nodes: ['n1'] }, spec);
    assert.deepEqual([none.files, none.dependsOn, none.images], [{}, [], { policy: 'off' }]);
  });

  test('the environment is read as a .env file and comes back', () => {
    const spec = specOf({ ...EMPTY_DRAFT, compose: 'a', environment: 'export A="x # y" # z\nB=\'1\n2\'' }, null);
    assert.deepEqual(spec.env, { A: 'x # y', B: '1\n2' });
    assert.deepEqual(specOf(draftOf(spec), spec), spec);
  });
});

describe('what was typed, on top of a newer revision', () => {
  const base = draftOf({ compose: 'a', env: { A: '1' }, drift: 'report', targets: { nodes: ['n1'] } });

  test('what was typed stays, what was not touched is taken from it, what both changed is named', () => {
    const mine = { ...base, compose: 'mine', environment: 'A=2' };
    const newest = { ...base, compose: 'theirs', environment: 'A=2', nodes: ['n1', 'n2'] };
    const { draft, both } = rebased(base, mine, newest);
    assert.deepEqual(draft, { ...base, compose: 'mine', environment: 'A=2', nodes: ['n1', 'n2'] });
    assert.deepEqual(both, ['compose']);
  });

  test('nothing typed gives the newest; nothing changed gives what was typed', () => {
    const other = { ...base, compose: 'b', profiles: 'x' };
    assert.deepEqual(rebased(base, base, other), { draft: other, both: [] });
    assert.deepEqual(rebased(base, other, base), { draft: other, both: [] });
  });
});

describe('the alphabets of names are those of the contract', () => {
  const text = fc.string({ unit: fc.constantFrom(...'aZ09_.-/\\%: é\n', '~'), maxLength: 8 });
  const alike = (name: string, pattern: string, isGood: (text: string) => boolean, more: readonly string[] = []) =>
    test(name, () => {
      const expression = new RegExp(`^(?:${pattern})$`, 'v');
      fc.assert(
        fc.property(
          fc.oneof(text, fc.constantFrom(...more, 'a'.repeat(63), 'a'.repeat(64), 'a'.repeat(256))),
          (value) => assert.equal(expression.test(value), isGood(value), value),
        ),
        { numRuns: 2000 },
      );
    });
  const git = (of: object) => GitSource.safeParse({ repository: 'https://a/b', ref: 'main', ...of }).success;
  alike('secrets', names.SECRET_NAME.pattern, (value) => SecretName.safeParse(value).success, ['DB_Password']);
  alike('stacks', names.STACK_NAME.pattern, (value) => StackName.safeParse(value).success);
  alike('notifications', names.NOTIFICATION_NAME.pattern, (value) => NotificationName.safeParse(value).success, [
    'a-b',
  ]);
  alike('readers', names.READER_NAME.pattern, (value) => ReaderName.safeParse(value).success, ['a-b']);
  alike('variables', names.VARIABLE.pattern, (value) => StackSecret.safeParse({ environment: value }).success);
  alike(
    'registries',
    names.REGISTRY_HOST.pattern,
    (value) => ImagePolicy.safeParse({ policy: 'off', credentials: { [value]: 's' } }).success,
    ['r.lan:5000', '[::1]:5000', 'r.lan:123456'],
  );
  alike('refs', names.GIT_REF.pattern, (value) => git({ ref: value }), ['feature/x']);
  alike('paths in a repository', names.GIT_PATH.pattern, (value) => git({ path: value }), ['a/b.yaml']);
  alike(
    'batches',
    names.BATCH.pattern,
    (value) =>
      /^[1-9]\d*$|%$/.test(value) && Strategy.safeParse({ batch: value.endsWith('%') ? value : Number(value) }).success,
    ['1', '9999', '10000', '10001', '25%', '100%', '101%', '0%', '0', '007'],
  );
  alike(
    'profiles',
    names.PROFILES.pattern,
    (value) => Profiles.safeParse(value.split(/[\s,]+/).filter((word) => word !== '')).success,
    ['a b', 'a, b', ' a ', '-a', 'a -b'],
  );

  test('files of a stack', () => {
    fc.assert(
      fc.property(fc.oneof(text, fc.constantFrom('a/../b', '/a', 'a/', './a', 'a//b', 'a'.repeat(256))), (value) =>
        assert.equal(names.pathFault(value) === null, RelativePath.safeParse(value).success, value),
      ),
      { numRuns: 2000 },
    );
  });
});
