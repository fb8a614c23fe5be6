// Fetching from real repositories over real HTTP: what becomes of a folder, and what never happens however a repository, a
// server or a specification asks for it.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
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

describe('hostile', () => {
  test('a redirect is followed by us, and never to an address that clouds keep credentials at', async () => {
    const repository = server.repository('moved');
    repository.commit({ 'compose.yaml': COMPOSE });
    const other = await startGitServer();
    try {
      other.redirect((path) => `${server.url}${path}`);
      assert.equal((await fetch(`${other.url}/moved.git`)).compose, COMPOSE);
      for (const host of ['169.254.169.254', '[::ffff:169.254.169.254]', '0xa9fea9fe']) {
        other.redirect((path) => `http://${host}${path}`);
        assert.match(await refusal({ repository: `${other.url}/moved.git`, ref: 'main' }), /link-local/);
      }
      other.redirect((path) => `file://${path}`);
      assert.match(await refusal({ repository: `${other.url}/moved.git`, ref: 'main' }), /must be an https/);
    } finally {
      await other.stop();
    }
  });

  test('link-local addresses are refused in every notation', async () => {
    for (const host of ['169.254.169.254', '2852039166', '0xa9fea9fe', '[fe80::1]', '[::ffff:a9fe:a9fe]']) {
      assert.match(await refusal({ repository: `http://${host}/x.git`, ref: 'main' }), /link-local/, host);
    }
    assert.match(await refusal({ repository: 'ssh://git@2852039166/x.git', ref: 'main' }), /link-local/);
    assert.match(await refusal({ repository: 'git@169.254.169.254:x.git', ref: 'main' }), /link-local/);
  });

  test('commands, options and local paths are no repositories', async () => {
    const marker = join(data, 'executed');
    const repositories = [
      `ext::sh -c 'touch ${marker}'`,
      `ext::sh%20-c%20touch%20${marker}`,
      `--upload-pack=touch ${marker}`,
      `--upload-pack=touch\t${marker}`,
      'file:///etc',
      '/etc',
      '../..',
      `ssh://-oProxyCommand=touch%20${marker}/x`,
      `git@-oProxyCommand=touch${marker}:x`,
      `ssh://git@host/x\nhelper=!touch ${marker}`,
      'http://user:password@127.0.0.1/x.git',
      'ftp://127.0.0.1/x.git',
    ];
    for (const repository of repositories) await refusal({ repository, ref: 'main' });
    assert.equal(existsSync(marker), false);
  });

  test('a path never leaves the repository', async () => {
    const repository = server.repository('paths');
    repository.commit({ 'web/compose.yaml': COMPOSE });
    for (const path of ['../web', 'web/../../x', 'web//x', '.git', 'web/./x']) {
      assert.match(await refusal({ repository: repository.url, ref: 'main', path }), /inside the repository/, path);
    }
  });

  test('a file of 256 MB that packs into nothing is never read', async () => {
    const repository = server.repository('bomb');
    repository.commit({ 'compose.yaml': COMPOSE, 'bomb.txt': Buffer.alloc(256 * 1024 * 1024) });
    assert.match(await refusal({ repository: repository.url, ref: 'main' }), /"bomb.txt" is larger than/);
    // The same from a server that sends everything whatever it is asked for.
    const whole = server.repository('bomb-whole', { hasFilter: false });
    whole.commit({ 'compose.yaml': COMPOSE, 'bomb.txt': Buffer.alloc(256 * 1024 * 1024) });
    assert.match(await refusal({ repository: whole.url, ref: 'main' }), /"bomb.txt" has 268435456 bytes/);
  });

  test('a server that speaks no git is refused', async () => {
    const other = createServer((_, response) => {
      response.writeHead(200, { 'content-type': 'application/x-git-upload-pack-advertisement' });
      response.end('001e# service=git-upload-pack\n0000ffff');
    });
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    await refusal({ repository: `http://127.0.0.1:${port}/x.git`, ref: 'main' });
    other.closeAllConnections();
    await new Promise((resolve) => other.close(resolve));
  });

  test("configuration of the machine's user changes nothing", async () => {
    const repository = server.repository('configured');
    repository.commit({ 'compose.yaml': COMPOSE });
    const marker = join(data, 'by-configuration');
    writeFileSync(
      join(data, 'git', 'home', '.gitconfig'),
      `[core]\n\tfsmonitor = touch ${marker}\n\tsshCommand = touch ${marker}\n[url "file:///etc"]\n\tinsteadOf = ${server.url}\n`,
    );
    assert.equal((await fetch(repository.url)).compose, COMPOSE);
    assert.equal(existsSync(marker), false);
    rmSync(join(data, 'git', 'home', '.gitconfig'));
  });
});
