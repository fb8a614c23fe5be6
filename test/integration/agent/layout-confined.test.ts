// What a node refuses before it changes anything, whatever the core let pass: links in the place of what Compose reads, and
// a policy that is got around by what is known on the node alone. Compose itself is asked; no engine is needed.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { openCompose } from '#agent/stacks/compose.ts';
import { stackFolders } from '#agent/stacks/folder.ts';
import { type LayoutParts, layOut } from '#agent/stacks/layout.ts';
import type { DesiredStack } from '#subjects/schema/desired.ts';
import { wanted } from './reconciler.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync('/tmp/ovs-layout-');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

async function refusal(stack: DesiredStack, more: Partial<LayoutParts> = {}): Promise<string | null> {
  const compose = openCompose('unix:///nowhere.sock');
  const parts = { compose, folders: stackFolders(root), room: null, userOf: async () => ({ uid: 0, gid: 0 }), ...more };
  const laidOut = await layOut(stack, parts as LayoutParts, { isForReal: true });
  return laidOut.ok ? null : laidOut.reason;
}

describe('what Compose reads is no link', () => {
  const included = wanted('web', 'include: [data/more.yaml]\n', {
    files: { 'data/more.yaml': `services: {a: {image: "x:\${TAG:-none}"}}` },
  });

  test('a link to values beside an included file, which nobody wrote', async () => {
    assert.equal(await refusal(included), null);
    writeFileSync(`${root}/outside`, 'TAG=theirs\n');
    symlinkSync(`${root}/outside`, `${root}/web/data/.env`);
    assert.match((await refusal(included)) ?? '', /data\/\.env is no plain file/);
    rmSync(`${root}/web/data/.env`);
    assert.equal(await refusal(included), null);
  });

  test('a pipe, on which Compose would wait', async () => {
    assert.equal(await refusal(included), null);
    execFileSync('mkfifo', [`${root}/web/data/.env`]);
    assert.match((await refusal(included)) ?? '', /data\/\.env is no plain file/);
  });

  test('a folder that was made a link', async () => {
    const file = 'data/deep/more.yaml';
    const stack = wanted('web', `include: [${file}]\n`, { files: { [file]: 'services: {a: {image: x}}' } });
    assert.equal(await refusal(stack), null);
    rmSync(`${root}/web/data/deep`, { recursive: true });
    mkdirSync(`${root}/outside`);
    symlinkSync(`${root}/outside`, `${root}/web/data/deep`);
    assert.notEqual(await refusal(stack), null);
  });

  test('a path that the core should have refused', async () => {
    const stack = wanted('web', 'services: {a: {image: x, env_file: /etc/passwd}}\n');
    assert.match((await refusal(stack)) ?? '', /env_file "\/etc\/passwd" is absolute/);
  });
});

test('a secret that says what a text asks for is judged with it', async () => {
  const compose = `services: {a: {image: x, privileged: "\${OVERSEER_SECRET_0:-false}"}}\n`;
  const secret = { name: 'db', secret: 'db', version: 1, services: ['a'], environment: 'DB', sealed: 'x', digest: 'x' };
  const stack = wanted('web', compose, { secrets: [secret] });
  const room = (value: string) => ({
    prepare: async () => ({ OVERSEER_SECRET_0: value }),
    forget: async () => {},
    directory: () => '/run/secrets-of-a',
    file: () => '/run/secrets-of-a/db',
  });
  const forbidden = ['privileged', 'host-binds'] as const;
  assert.match((await refusal(stack, { room: room('true'), forbidden })) ?? '', /policy of this host.*privileged/);
  assert.equal(await refusal(stack, { room: room('false'), forbidden }), null, "our own mounts are no stack's");
  assert.equal(await refusal(stack, { room: room('true') }), null, 'control: without a policy it may');
});
