// A real git server over HTTP for one test file: `git http-backend` behind a few lines of CGI, with repositories made in a
// folder of its own.
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ensureTool } from '#infra/setup/test-parts.ts';

export interface TestRepository {
  readonly url: string;
  /** Writes the files (null: removes), commits all, pushes. @returns the commit */
  commit(files: Readonly<Record<string, string | Buffer | null | { symlink: string }>>, branch?: string): string;
  tag(name: string): void;
  /** git in the working folder, for what else a test wants. */
  git(...args: string[]): string;
}

export interface GitServer {
  readonly url: string;
  /** Requests so far, `METHOD /path`. */
  readonly requests: string[];
  /** Headers `authorization` that came. */
  readonly authorizations: string[];
  /** @param options hasFilter: leaves out large files when asked to, as forges do (unless said otherwise) */
  repository(name: string, options?: { hasFilter?: boolean }): TestRepository;
  /** From now on repositories ask for it; null: nobody asks. */
  protect(login: { user: string; password: string } | null): void;
  /** From now on every request is answered with a redirect there; null: none is. */
  redirect(to: ((path: string) => string) | null): void;
  stop(): Promise<void>;
}

const IDENTITY = {
  GIT_AUTHOR_NAME: 'Test',
  GIT_AUTHOR_EMAIL: 'test@example.org',
  GIT_COMMITTER_NAME: 'Test',
  GIT_COMMITTER_EMAIL: 'test@example.org',
};

function answer(root: string, request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const child = spawn('git', ['http-backend'], {
    env: {
      PATH: process.env['PATH'],
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      GIT_CONFIG_NOSYSTEM: '1',
      HOME: root,
      PATH_INFO: decodeURIComponent(url.pathname),
      QUERY_STRING: url.search.slice(1),
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      CONTENT_LENGTH: request.headers['content-length'] ?? '',
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
      GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
      REMOTE_ADDR: '127.0.0.1',
    },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin.on('error', () => {});
  request.pipe(child.stdin);
  let head = Buffer.alloc(0);
  let isBody = false;
  child.stdout.on('data', (piece: Buffer) => {
    if (isBody) return void response.write(piece);
    head = Buffer.concat([head, piece]);
    const end = head.indexOf('\r\n\r\n');
    if (end < 0) return;
    isBody = true;
    for (const line of head.subarray(0, end).toString('latin1').split('\r\n')) {
      const [name = '', value = ''] = line.split(/:\s*/, 2);
      if (name.toLowerCase() === 'status') response.statusCode = Number.parseInt(value, 10);
      else response.setHeader(name, value);
    }
    response.write(head.subarray(end + 4));
  });
  child.stdout.on('end', () => response.end());
}

export async function startGitServer(): Promise<GitServer> {
  await ensureTool('git', 'git');
  const folder = mkdtempSync(join(tmpdir(), 'ovs-git-'));
  const root = join(folder, 'served');
  mkdirSync(root);
  const requests: string[] = [];
  const authorizations: string[] = [];
  let login: { user: string; password: string } | null = null;
  let redirect: ((path: string) => string) | null = null;
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    const { authorization } = request.headers;
    if (authorization !== undefined) authorizations.push(authorization);
    if (redirect) return void response.writeHead(302, { location: redirect(request.url ?? '/') }).end();
    const wanted = login && `Basic ${Buffer.from(`${login.user}:${login.password}`).toString('base64')}`;
    if (wanted && authorization !== wanted) {
      return void response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end('who are you?');
    }
    return answer(root, request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const call = (cwd: string, args: readonly string[]) =>
    execFileSync('git', args, {
      cwd,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env['PATH'], HOME: folder, GIT_CONFIG_NOSYSTEM: '1', ...IDENTITY },
    }).trim();

  return {
    ...{ url, requests, authorizations },
    repository(name, { hasFilter = true } = {}) {
      const bare = join(root, `${name}.git`);
      const work = join(folder, 'work', name);
      mkdirSync(work, { recursive: true });
      call(folder, ['init', '--quiet', '--bare', '--initial-branch=main', bare]);
      call(bare, ['config', 'uploadpack.allowFilter', String(hasFilter)]);
      call(work, ['init', '--quiet', '--initial-branch=main']);
      call(work, ['remote', 'add', 'origin', bare]);
      return {
        url: `${url}/${name}.git`,
        commit(files, branch = 'main') {
          for (const [path, content] of Object.entries(files)) {
            const file = join(work, path);
            mkdirSync(dirname(file), { recursive: true });
            rmSync(file, { recursive: true, force: true });
            if (content !== null && typeof content === 'object' && 'symlink' in content)
              symlinkSync(content.symlink, file);
            else if (content !== null) writeFileSync(file, content);
          }
          call(work, ['add', '--all', '--force']);
          call(work, ['commit', '--quiet', '--allow-empty', '-m', 'a change']);
          call(work, ['push', '--quiet', '--force', 'origin', `HEAD:refs/heads/${branch}`]);
          return call(work, ['rev-parse', 'HEAD']);
        },
        tag(tagged) {
          call(work, ['tag', '--annotate', '-m', tagged, tagged]);
          call(work, ['push', '--quiet', 'origin', `refs/tags/${tagged}`]);
        },
        git: (...args) => call(work, args),
      };
    },
    protect(wanted) {
      login = wanted;
    },
    redirect(to) {
      redirect = to;
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
