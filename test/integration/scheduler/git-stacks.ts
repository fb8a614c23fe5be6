// What the tests of stacks from git share: a scheduler beside another, a git server, a node, and what is asked of them.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import type { OutputOf } from '#infra/nats/bus.ts';
import { OverseerError } from '#subjects/errors.ts';
import type { Node } from '#subjects/schema/node.ts';
import type { GitHookAnswer, GitSource, SyncStackAnswer } from '#subjects/schema/source.ts';
import type { StackSpec } from '#subjects/schema/stack.ts';
import { type GitServer, startGitServer, type TestRepository } from '#test/harness/git-server.ts';
import { type Core, operator, startCore } from './core.ts';

export const compose = (image: string) => `services:\n  web:\n    image: ${image}\n`;

export interface GitStacks {
  readonly core: Core;
  readonly server: GitServer;
  readonly node: Node;
  /** From the folder of its name, looked at only when asked unless `source` says otherwise. */
  put(
    name: string,
    repository: Pick<TestRepository, 'url'>,
    more?: Partial<StackSpec>,
    source?: Partial<GitSource>,
  ): Promise<OutputOf<'putStack'>>;
  stack(name: string): Promise<OutputOf<'getStack'>>;
  sync(name: string): Promise<SyncStackAnswer>;
  hook(name: string, body: unknown, secret: string): Promise<GitHookAnswer>;
  stop(): Promise<void>;
}

export async function startGitStacks(): Promise<GitStacks> {
  const [core, server] = await Promise.all([startCore(), startGitServer()]);
  // Two, so that every promise holds while both look.
  await core.startScheduler();
  await core.startScheduler();
  const node = await core.enroll('node-1');
  return {
    ...{ core, server, node },
    put(name, repository, more = {}, source = {}) {
      const spec: StackSpec = {
        source: { repository: repository.url, ref: 'main', path: name, everySeconds: 0, ...source },
        targets: { nodes: [node.id] },
        ...more,
      };
      return core.ask('putStack', { by: operator(), name, spec, onRevision: null });
    },
    stack: (name) => core.ask('getStack', { name }),
    sync: (name) => core.ask('syncStack', { by: operator(), name }),
    hook(name, body, secret) {
      const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
      const signature = `sha256=${createHmac('sha256', secret).update(bytes).digest('hex')}`;
      return core.ask('gitHook', { name, signature, token: null, body: bytes.toString('base64') });
    },
    async stop() {
      await core.stop();
      await server.stop();
    },
  };
}

/** @returns the words of the refusal */
export async function refusedWith(code: string, work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => assert.fail('it was accepted'),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof OverseerError, String(error));
  assert.equal(error.code, code, error.message);
  return error.message;
}
