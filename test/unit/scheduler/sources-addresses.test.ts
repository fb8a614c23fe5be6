import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { isForbiddenAddress } from '#infra/outbound/link-local.ts';
import { foundRef, refNames, repositoryOf, stackPath } from '#services/scheduler/sources/repository.ts';
import { OverseerError } from '#subjects/errors.ts';

function isUnusable(error: unknown): boolean {
  return error instanceof OverseerError && error.code === 'source-unusable';
}

const COMMIT = 'a'.repeat(40);
const OTHER = 'b'.repeat(40);

describe('the address of a repository', () => {
  const good: [string, string, string, number][] = [
    ['https://forge.example/team/shop.git', 'https', 'forge.example', 443],
    ['http://127.0.0.1:3000/x', 'http', '127.0.0.1', 3000],
    ['https://[2001:db8::1]:8443/x', 'https', '2001:db8::1', 8443],
    ['ssh://git@forge.example:2222/x.git', 'ssh', 'forge.example', 2222],
    ['git@forge.example:team/x.git', 'ssh', 'forge.example', 22],
    ['git://forge.example/x.git', 'git', 'forge.example', 9418],
  ];
  for (const [url, scheme, host, port] of good) {
    test(`${url} is one`, () => {
      const found = repositoryOf(url);
      assert.deepEqual([found.url, found.scheme, found.host, found.port], [url, scheme, host, port]);
    });
  }

  const bad = [
    'ext::sh -c id',
    'ext::sh%20-c%20id',
    'fd::17/foo',
    'file:///etc',
    '/srv/git/x.git',
    './x',
    '--upload-pack=id',
    '-oProxyCommand=id@host:x',
    'git@-oProxyCommand=id:x',
    'git@host:-x',
    'ssh://-oProxyCommand=id/x',
    'ssh://git@-oProxyCommand=id/x',
    'ssh://git:password@host/x',
    'https://token@host/x',
    'https://user:password@host/x',
    'https://host/x?y=z',
    'https://host/x#y',
    'https:///x',
    'https://host/x y',
    'https://host/x\ncredential.helper=!id',
    'https::https://host/x',
    'ftp://host/x',
    'c:\\x',
    '',
  ];
  for (const url of bad)
    test(`${JSON.stringify(url)} is none`, () => assert.throws(() => repositoryOf(url), isUnusable));

  test('whatever is accepted begins as a URL of a network, or as a login', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.webUrl(), fc.constantFrom(...bad)), (url) => {
        try {
          const { host } = repositoryOf(url);
          assert.match(url, /^(?:https?|ssh|git):\/\/|^[a-z_][a-z0-9_.-]*@/i);
          assert.doesNotMatch(host, /^-|[\s/@]/);
        } catch (error) {
          assert.ok(isUnusable(error), String(error));
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('a path stays inside', () => {
    assert.deepEqual(['a/b', 'a/b/', undefined, '.', ''].map(stackPath), ['a/b', 'a/b', '', '', '']);
    for (const path of ['..', '../a', 'a/../b', 'a//b', './a', '/a', '.git', 'a/.GIT/hooks']) {
      assert.throws(() => stackPath(path), isUnusable, path);
    }
  });
});

describe('a ref', () => {
  const listed = [
    `${OTHER}\trefs/heads/feature/main`,
    `${COMMIT}\trefs/heads/main`,
    `${OTHER}\trefs/tags/main`,
    `${OTHER}\trefs/tags/v1`,
    `${COMMIT}\trefs/tags/v1^{}`,
  ].join('\n');

  test('is a branch before it is a tag, and never the end of another name', () => {
    assert.deepEqual(refNames('main'), ['refs/heads/main', 'refs/tags/main']);
    assert.deepEqual(foundRef(listed, 'main'), { name: 'refs/heads/main', commit: COMMIT });
    assert.equal(foundRef(`${OTHER}\trefs/heads/feature/main`, 'main'), null);
  });

  test('an annotated tag stands for its commit', () => {
    assert.deepEqual(foundRef(listed, 'v1'), { name: 'refs/tags/v1', commit: COMMIT });
    assert.deepEqual(foundRef('', COMMIT), { name: COMMIT, commit: COMMIT });
    assert.equal(foundRef('nonsense\trefs/heads/main', 'main'), null);
  });
});

describe('an address that is never asked', () => {
  const forbidden = [
    '169.254.169.254',
    '169.254.0.1',
    '::ffff:169.254.169.254',
    '[::ffff:a9fe:a9fe]',
    '::a9fe:a9fe',
    '64:ff9b::a9fe:a9fe',
    '2002:a9fe:a9fe::1',
    'fe80::1',
    'FE80::1%eth0',
    'febf:ffff::1',
    'fd00:ec2::254',
    '100.100.100.200',
  ];
  for (const address of forbidden) test(address, () => assert.equal(isForbiddenAddress(address), true));

  test('others are', () => {
    for (const address of [
      '127.0.0.1',
      '10.0.0.1',
      '169.253.1.1',
      '::1',
      'fec0::1',
      'fd00::1',
      '2001:db8::a9fe',
      'host',
    ]) {
      assert.equal(isForbiddenAddress(address), false, address);
    }
    fc.assert(fc.property(fc.string(), (text) => typeof isForbiddenAddress(text) === 'boolean'));
    fc.assert(fc.property(fc.ipV4(), (text) => isForbiddenAddress(`::ffff:${text}`) === isForbiddenAddress(text)));
  });
});
