import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { loginOf, redaction } from '#services/scheduler/sources/credential.ts';
import {
  contentFrom,
  failedLook,
  foundCommit,
  isNews,
  knownCommit,
  lookedAt,
  nextCheck,
  specificationFrom,
  whyNothing,
} from '#services/scheduler/sources/decisions.ts';
import { readEnvFile } from '#services/scheduler/sources/env-file.ts';
import { checkSizes, entriesOf, sizesOf, stackTree } from '#services/scheduler/sources/tree.ts';
import { specOf } from '#services/scheduler/specification.ts';
import { OverseerError } from '#subjects/errors.ts';

function isUnusable(error: unknown): boolean {
  return error instanceof OverseerError && error.code === 'source-unusable';
}

const COMMIT = 'a'.repeat(40);
const OTHER = 'b'.repeat(40);

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
  const outcome = (everySeconds: number, failures = 0) => ({ everySeconds, failures });

  test('comes by the interval, later after failures', () => {
    assert.equal(nextCheck(outcome(300), 0), 300);
    assert.equal(nextCheck(outcome(300), 1), 330);
    assert.equal(nextCheck(outcome(300, 1), 0), 300);
    assert.equal(nextCheck(outcome(300, 6), 0), 960);
    assert.equal(nextCheck(outcome(300, 50), 0), 3600);
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
      fc.property(
        seconds,
        fc.nat(100),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (everySeconds, failures, spread) => {
          const next = nextCheck({ everySeconds, failures }, spread);
          return next === null ? everySeconds === 0 : next >= Math.max(everySeconds, 1);
        },
      ),
    );
  });
});

describe('what is known of a source', () => {
  const state = { commit: COMMIT, seen: COMMIT, checkedAt: '1', error: null };

  test('a commit that changes nothing here is seen, not deployed', () => {
    const found = { commit: OTHER, hash: 'h' };
    assert.deepEqual(foundCommit(state, found, false, '2'), {
      commit: COMMIT,
      seen: OTHER,
      fetched: 'h',
      checkedAt: '2',
      error: null,
    });
    assert.deepEqual(foundCommit(state, found, true, '2').commit, OTHER);
    assert.equal(foundCommit(null, found, false, '2').commit, OTHER);
    assert.equal(foundCommit({ ...state, commit: null }, found, false, '2').commit, null, 'what runs is of no commit');
  });

  test('news is what differs from what the source said before, not from what somebody went back to', () => {
    const standing = { present: 'a', wanted: 'a', hash: '1', fetched: '1' };
    assert.equal(isNews(standing), false);
    assert.equal(isNews({ ...standing, wanted: 'b', hash: '2' }), true);
    assert.equal(isNews({ ...standing, wanted: 'b' }), false, 'rolled back by hand');
    assert.equal(isNews({ ...standing, hash: '2' }), false, 'what was sent goes before it');
    assert.equal(isNews({ ...standing, wanted: 'b', fetched: undefined }), true, 'never taken up');
    assert.match(whyNothing({ ...standing, wanted: 'b' }, COMMIT), /put the stack to deploy commit \w{12} again/);
    assert.doesNotMatch(whyNothing(standing, COMMIT), /put the stack/);
  });

  test('after a failure the same commit is fetched again', () => {
    const failed = failedLook({ ...state, fetched: 'h' }, OTHER, 'why', '2');
    assert.deepEqual(failed, { commit: COMMIT, seen: OTHER, fetched: 'h', checkedAt: '2', error: 'why' });
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
