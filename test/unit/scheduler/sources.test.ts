import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { loginOf, redaction } from '#services/scheduler/sources/credential.ts';
import {
  contentFrom,
  failedLook,
  foundCommit,
  knownCommit,
  lookedAt,
  nextCheck,
  specificationFrom,
} from '#services/scheduler/sources/decisions.ts';
import { readEnvFile } from '#services/scheduler/sources/env-file.ts';
import { isForbiddenAddress } from '#services/scheduler/sources/link-local.ts';
import { foundRef, refNames, repositoryOf, stackPath } from '#services/scheduler/sources/repository.ts';
import { checkSizes, entriesOf, sizesOf, stackTree } from '#services/scheduler/sources/tree.ts';
import { specOf } from '#services/scheduler/specification.ts';
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

describe('a .env file', () => {
  const cases: [string, Record<string, string>][] = [
    ['A=1\nB = two words \n', { A: '1', B: 'two words' }],
    ['export A=1\r\n# comment\n\nB=x # comment\nC=x#y\n', { A: '1', B: 'x', C: 'x#y' }],
    [`A='$B \\n'\nB="a\\nb"`, { A: '$B \\n', B: 'a\nb' }],
    [`A=1\nB=\${A}2\nC="$A-\${X:-none}-\${A:+set}"\nD=\\$A`, { A: '1', B: '12', C: '1-none-set', D: '$A' }],
    ['A="first\nsecond" # why\nB=2', { A: 'first\nsecond', B: '2' }],
    ['A=\nB\nC=""', { A: '', C: '' }],
    ['A: yaml style', { A: 'yaml style' }],
  ];
  for (const [text, expected] of cases) {
    test(JSON.stringify(text), () => assert.deepEqual(readEnvFile(text), expected));
  }

  test('what is none is told with its line', () => {
    for (const text of ['A=1\n=x', 'A=1\nfoo bar', 'A=1\nB="x']) {
      assert.throws(
        () => readEnvFile(text),
        (error) => isUnusable(error) && /line 2/.test((error as Error).message),
      );
    }
  });

  test('reading ends, whatever there is to read', () => {
    const piece = fc.constantFrom('A', '=', '"', "'", '\n', '#', ' ', '\\', '$', '{', '}', 'export ', '\r\n', ':-');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        try {
          readEnvFile(pieces.join(''));
        } catch (error) {
          assert.ok(isUnusable(error));
        }
      }),
      { numRuns: 3000 },
    );
  });
});

describe('a tree', () => {
  const line = (path: string, mode = '100644', object = COMMIT) => `${mode} blob ${object}\t${path}\0`;

  test('has its compose file by the names that Compose knows, in its order', () => {
    const entries = entriesOf(line('docker-compose.yml') + line('compose.yml') + line('a/b') + line('.env'));
    const tree = stackTree(entries, null);
    assert.equal(tree.compose.path, 'compose.yml');
    assert.deepEqual(
      tree.files.map(({ path }) => path),
      ['docker-compose.yml', 'a/b'],
    );
    assert.equal(tree.env?.path, '.env');
    assert.throws(() => stackTree(entries, 'prod.yaml'), isUnusable);
  });

  test("leaves out what the agent writes itself, and says so; and what can't be executed", () => {
    const tree = stackTree(entriesOf(line('prod.yaml') + line('compose.yaml') + line('run.sh', '100755')), 'prod.yaml');
    assert.deepEqual(
      tree.files.map(({ path }) => path),
      ['run.sh'],
    );
    assert.match(tree.warnings.join('\n'), /"compose.yaml" is left out[\s\S]*not executable on nodes: run.sh/);
  });

  test('refuses links, submodules and paths that no stack has', () => {
    for (const extra of [
      line('x', '120000'),
      `160000 commit ${COMMIT}\tx\0`,
      line('a\\b'),
      line('a/../b'),
      line('x\u0007'),
    ]) {
      assert.throws(() => stackTree(entriesOf(line('compose.yaml') + extra), null), isUnusable, extra);
    }
    assert.throws(() => entriesOf('nonsense\0'), isUnusable);
    assert.throws(() => entriesOf(line('x').repeat(2001)), isUnusable);
  });

  test('is measured before it is read', () => {
    const tree = stackTree(entriesOf(line('compose.yaml') + line('a', '100644', OTHER)), null);
    const sizes = (a: number, b: number) => sizesOf(`${COMMIT} blob ${a}\n${OTHER} blob ${b}\n`);
    checkSizes(tree, sizes(1024 * 1024, 2 * 1024 * 1024));
    assert.throws(() => checkSizes(tree, sizes(1024 * 1024 + 1, 0)), isUnusable);
    assert.throws(() => checkSizes(tree, sizes(0, 2 * 1024 * 1024 + 1)), isUnusable);
    assert.throws(() => checkSizes(tree, sizesOf(`${COMMIT} blob 1\n${OTHER} missing\n`)), isUnusable);
  });
});

describe('the next look', () => {
  const outcome = (everySeconds: number, failures = 0, retrySeconds: number | null = null) => ({
    ...{ everySeconds, failures, retrySeconds },
  });

  test('comes by the interval, later after failures, never sooner than a registry asks', () => {
    assert.equal(nextCheck(outcome(300), 0), 300);
    assert.equal(nextCheck(outcome(300), 1), 330);
    assert.equal(nextCheck(outcome(300, 1), 0), 300);
    assert.equal(nextCheck(outcome(300, 6), 0), 960);
    assert.equal(nextCheck(outcome(300, 50), 0), 3600);
    assert.equal(nextCheck(outcome(300, 1, 4000), 0), 4000);
    assert.equal(nextCheck(outcome(0), 0), null);
  });

  test('a source that is looked at only when asked is tried a few times more when it failed', () => {
    assert.deepEqual(
      [1, 2, 5, 6].map((failures) => nextCheck(outcome(0, failures), 0)),
      [30, 60, 480, null],
    );
  });

  test('is never now, and never in step', () => {
    const seconds = fc.integer({ min: 0, max: 86_400 });
    fc.assert(
      fc.property(seconds, fc.nat(100), fc.option(seconds), fc.double({ min: 0, max: 1, noNaN: true }), (...given) => {
        const [everySeconds, failures, retrySeconds, spread] = given;
        const next = nextCheck({ everySeconds, failures, retrySeconds }, spread);
        return next === null ? everySeconds === 0 : next >= Math.max(everySeconds, retrySeconds ?? 0, 1);
      }),
    );
  });
});

describe('what is known of a source', () => {
  const state = { commit: COMMIT, seen: COMMIT, checkedAt: '1', error: null };

  test('a commit that changes nothing here is seen, not deployed', () => {
    assert.deepEqual(foundCommit(state, OTHER, false, '2'), {
      commit: COMMIT,
      seen: OTHER,
      checkedAt: '2',
      error: null,
    });
    assert.deepEqual(foundCommit(state, OTHER, true, '2').commit, OTHER);
    assert.equal(foundCommit(null, OTHER, false, '2').commit, OTHER);
  });

  test('after a failure the same commit is fetched again', () => {
    const failed = failedLook(state, OTHER, 'why', '2');
    assert.deepEqual(failed, { commit: COMMIT, seen: OTHER, checkedAt: '2', error: 'why' });
    assert.deepEqual([knownCommit(null), knownCommit(state), knownCommit(failed)], [null, COMMIT, null]);
    assert.equal(lookedAt(failed, '3').error, null);
  });
});

describe('a specification with a source', () => {
  const source = { repository: 'https://forge.example/x.git', ref: 'main' };
  const spec = { source, targets: { selector: {} }, env: { A: 'sent' }, files: { 'own.txt': 'sent' } };
  const fetched = {
    compose: 'services: {}',
    files: { 'own.txt': 'fetched', 'b.txt': 'b' },
    env: { A: 'fetched', B: 'b' },
  };

  test('what was sent goes before what was fetched, and comes back as it was sent', () => {
    const made = specificationFrom(spec, fetched);
    assert.deepEqual(made.content.env, { A: 'sent', B: 'b' });
    assert.deepEqual(made.content.files, { 'own.txt': 'sent', 'b.txt': 'b' });
    const back = specOf(made);
    assert.deepEqual([back.source, back.compose, back.env, back.files], [source, undefined, spec.env, spec.files]);
  });

  test('fetched anew nothing of the old text is left', () => {
    const made = specificationFrom(spec, fetched);
    assert.deepEqual(contentFrom(made, fetched), made.content);
    const next = contentFrom(made, { compose: 'services: {a: {}}', files: {}, env: {} });
    assert.deepEqual([next.compose, next.files, next.env], ['services: {a: {}}', { 'own.txt': 'sent' }, { A: 'sent' }]);
  });
});

describe('a credential', () => {
  test('is a login, or a token alone', () => {
    assert.deepEqual(loginOf(Buffer.from('robot:a:b\n')), { user: 'robot', password: 'a:b' });
    assert.deepEqual(loginOf(Buffer.from('token')), { user: 'x-access-token', password: 'token' });
  });

  test('is taken out of a text in each form that it may have', () => {
    const secret = 'p@ss wörd/1';
    const redact = redaction([`robot:${secret}`, secret]);
    const base64 = Buffer.from(`robot:${secret}`).toString('base64');
    const said = redact(`${secret} ${encodeURIComponent(secret)} https://robot:${secret}@h ${base64}`);
    assert.equal(said, '[redacted] [redacted] https://[redacted]@h [redacted]');
  });
});
