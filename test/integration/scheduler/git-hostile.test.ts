// What never happens, however a repository, a server or a specification asks for it: against real git over real HTTP.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
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

let server: GitServer;
let data: string;
let reader: SourceReader;

before(async () => {
  server = await startGitServer();
  data = mkdtempSync(join(tmpdir(), 'ovs-source-'));
  reader = sourceReader(gitPlace(data), async () => null);
});
after(async () => {
  await server.stop();
  rmSync(data, { recursive: true, force: true });
});
afterEach(() => {
  server.redirect(null);
});

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
