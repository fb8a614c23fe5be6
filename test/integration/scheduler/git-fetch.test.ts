// Fetching from real repositories over real HTTP: what becomes of a folder, and what of a credential.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import { type FetchedSource, type SourceReader, sourceReader } from '#services/scheduler/sources/fetch.ts';
import { gitPlace } from '#services/scheduler/sources/git.ts';
import { OverseerError } from '#subjects/errors.ts';
import type { GitSource } from '#subjects/schema/source.ts';
import { type GitServer, startGitServer } from '#test/harness/git-server.ts';

const COMPOSE = 'services:\n  web:\n    image: busybox\n';
const PASSWORD = 'pass/word:with%odd characters';

let server: GitServer;
let data: string;
let reader: SourceReader;
const secrets = new Map<string, string>();

before(async () => {
  server = await startGitServer();
  data = mkdtempSync(join(tmpdir(), 'ovs-source-'));
  reader = sourceReader(gitPlace(data), async (name) => {
    const value = secrets.get(name);
    return value === undefined ? null : Buffer.from(value);
  });
});
after(async () => {
  await server.stop();
  rmSync(data, { recursive: true, force: true });
});
afterEach(() => {
  server.protect(null);
  server.redirect(null);
});

function leftCredentials(): string[] {
  return readdirSync('/dev/shm').filter((name) => name.startsWith('overseer-git-'));
}

async function refusal(source: GitSource): Promise<string> {
  try {
    await reader.fetch(source);
  } catch (error) {
    assert.ok(error instanceof OverseerError, String(error));
    assert.equal(error.code, 'source-unusable', error.message);
    return error.message;
  }
  return assert.fail('it was fetched');
}

const fetch = (repository: string, more: Partial<GitSource> = {}): Promise<FetchedSource> =>
  reader.fetch({ repository, ref: 'main', ...more });

describe('a source', () => {
  test('is the folder at its path, pinned by commit', async () => {
    const repository = server.repository('shop');
    const first = repository.commit({
      'stacks/web/compose.yaml': COMPOSE,
      'stacks/web/conf/app.ini': 'ä=1\n',
      'stacks/web/.env': `A=1\nB="two \${A}"\n`,
      'stacks/other/compose.yaml': 'services: {}\n',
      'logo.png': Buffer.from([0x89, 0x50, 0, 1, 2]),
    });
    const found = await fetch(repository.url, { path: 'stacks/web' });
    assert.deepEqual(found, {
      commit: first,
      compose: COMPOSE,
      files: { 'conf/app.ini': 'ä=1\n' },
      env: { A: '1', B: 'two 1' },
      warnings: [],
    });
    const second = repository.commit({ 'stacks/web/conf/app.ini': 'b=2\n' });
    assert.equal(
      await reader.fetchChanged({ repository: repository.url, ref: 'main', path: 'stacks/web' }, second),
      null,
    );
    const next = await fetch(repository.url, { path: 'stacks/web/' });
    assert.deepEqual([next.commit, next.files], [second, { 'conf/app.ini': 'b=2\n' }]);
    assert.equal((await fetch(repository.url, { ref: first, path: 'stacks/web' })).files['conf/app.ini'], 'ä=1\n');
  });

  test('may name its compose file, a branch or an annotated tag', async () => {
    const repository = server.repository('named');
    const tagged = repository.commit({ 'prod.yml': COMPOSE, 'compose.yaml': 'services: {}\n', 'a.txt': 'a' });
    repository.tag('v1.0');
    const moved = repository.commit({ 'a.txt': 'b' }, 'feature/x');
    const found = await fetch(repository.url, { ref: 'v1.0', path: 'prod.yml' });
    assert.deepEqual([found.commit, found.compose, found.files], [tagged, COMPOSE, { 'a.txt': 'a' }]);
    assert.match(found.warnings.join(), /"compose.yaml" is left out/);
    assert.equal((await fetch(repository.url, { ref: 'feature/x' })).commit, moved);
    assert.equal((await fetch(repository.url)).compose, 'services: {}\n');
    assert.match(await refusal({ repository: repository.url, ref: 'gone' }), /no branch or tag "gone"/);
    assert.match(await refusal({ repository: repository.url, ref: 'main', path: 'gone' }), /no "gone"/);
  });

  test('fetches a commit once for all stacks of its repository', async () => {
    const repository = server.repository('many');
    repository.commit({ 'a/compose.yaml': COMPOSE, 'b/compose.yaml': COMPOSE });
    await fetch(repository.url, { path: 'a' });
    const before = server.requests.filter((line) => line.startsWith('POST')).length;
    await fetch(repository.url, { path: 'b' });
    const asked = server.requests.filter((line) => line.startsWith('POST')).length - before;
    assert.ok(asked <= 1, `${asked} requests: the list of refs and no more`);
  });

  const broken: [string, Parameters<ReturnType<GitServer['repository']>['commit']>[0], RegExp][] = [
    ['no compose file', { 'a.txt': 'a' }, /there is no compose.yaml/],
    [
      'a symbolic link',
      { 'compose.yaml': COMPOSE, 'etc/x': { symlink: '/etc/passwd' } },
      /"etc\/x" is a symbolic link/,
    ],
    ['a compose file that is a link', { 'compose.yaml': { symlink: '../other.yaml' } }, /symbolic link/],
    [
      'a binary file',
      { 'compose.yaml': COMPOSE, 'logo.png': Buffer.from([0x89, 0x50, 0xff]) },
      /"logo.png" is no text/,
    ],
    ['a zero byte', { 'compose.yaml': COMPOSE, 'a.bin': Buffer.from('a\0b') }, /"a.bin" is no text/],
    [
      'a pointer of Git LFS',
      { 'compose.yaml': COMPOSE, 'big.txt': 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n' },
      /"big.txt" lies in Git LFS/,
    ],
    [
      'a file too large',
      { 'compose.yaml': COMPOSE, 'big.txt': 'x'.repeat(3 * 1024 * 1024) },
      /"big.txt" .*larger|bytes/,
    ],
    ['a compose file too large', { 'compose.yaml': `#${'x'.repeat(1024 * 1024)}` }, /compose.yaml" has 1048577 bytes/],
    [
      'files too large together',
      Object.fromEntries([['compose.yaml', COMPOSE], ...[1, 2, 3].map((n) => [`${n}.txt`, `${n}`.repeat(900_000)])]),
      /2700000 bytes, more than/,
    ],
    ['a name with a control character', { 'compose.yaml': COMPOSE, 'a\nb': 'x' }, /no path a stack may have/],
    ['an .env without end', { 'compose.yaml': COMPOSE, '.env': 'A="b\n' }, /quote at line 1/],
  ];
  for (const [index, [what, files, words]] of broken.entries()) {
    test(`refused, with the reason: ${what}`, async () => {
      const repository = server.repository(`broken-${index}`);
      repository.commit(files);
      assert.match(await refusal({ repository: repository.url, ref: 'main' }), words);
    });
  }

  test('a submodule is named, not fetched', async () => {
    const repository = server.repository('super');
    const commit = repository.commit({ 'compose.yaml': COMPOSE });
    repository.git('update-index', '--add', '--cacheinfo', `160000,${commit},vendored`);
    repository.git('commit', '--quiet', '-m', 'a submodule');
    repository.git('push', '--quiet', 'origin', 'HEAD:refs/heads/main');
    assert.match(await refusal({ repository: repository.url, ref: 'main' }), /"vendored" is a submodule/);
  });

  test('a file that is too large elsewhere in the repository is not even sent', async () => {
    const repository = server.repository('heavy');
    const noise = Buffer.from(Array.from({ length: 8 * 1024 * 1024 }, (_, n) => (n * 2654435761) >>> 24));
    repository.commit({ 'web/compose.yaml': COMPOSE, 'assets/film.bin': noise });
    assert.equal((await fetch(repository.url, { path: 'web' })).compose, COMPOSE);
    assert.match(await refusal({ repository: repository.url, ref: 'main' }), /no compose.yaml/);
  });
});

describe('a credential', () => {
  const login = { user: 'robot', password: PASSWORD };

  test('opens the repository, and leaves no trace', async () => {
    const repository = server.repository('private');
    repository.commit({ 'compose.yaml': COMPOSE });
    server.protect(login);
    secrets.set('right', `robot:${PASSWORD}\n`);
    assert.equal((await fetch(repository.url, { credential: 'right' })).compose, COMPOSE);
    assert.deepEqual(leftCredentials(), []);
    const files = readdirSync(join(data, 'git'), { recursive: true, withFileTypes: true }).filter((one) =>
      one.isFile(),
    );
    for (const file of files) {
      assert.ok(!readFileSync(join(file.parentPath, file.name)).includes('pass/word'), file.name);
    }
  });

  test("a wrong one is refused in git's own words, without the credential", async () => {
    const repository = server.repository('private-2');
    repository.commit({ 'compose.yaml': COMPOSE });
    server.protect(login);
    secrets.set('wrong', 'robot:not-the-password');
    const words = await refusal({ repository: repository.url, ref: 'main', credential: 'wrong' });
    assert.match(words, /Authentication failed/);
    assert.doesNotMatch(words, /not-the-password/);
    assert.match(
      await refusal({ repository: repository.url, ref: 'main' }),
      /terminal prompts disabled|could not read/,
    );
    assert.match(
      await refusal({ repository: repository.url, ref: 'main', credential: 'none' }),
      /"none" is not to be had/,
    );
    assert.deepEqual(leftCredentials(), []);
  });

  test('does not follow a redirect to another host', async () => {
    const repository = server.repository('moved-private');
    repository.commit({ 'compose.yaml': COMPOSE });
    const other = await startGitServer();
    try {
      other.redirect((path) => `${server.url}${path}`);
      server.protect(login);
      secrets.set('other', `robot:${PASSWORD}`);
      const sent = server.authorizations.length;
      await refusal({ repository: `${other.url}/moved-private.git`, ref: 'main', credential: 'other' });
      assert.equal(server.authorizations.length, sent, 'the second server saw no credential');
    } finally {
      await other.stop();
    }
  });
});
