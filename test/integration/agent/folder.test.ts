// Files of a stack on a real file system, and values as Compose itself reads them.
import assert from 'node:assert/strict';
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { afterEach, beforeEach, test } from 'node:test';
import fc from 'fast-check';
import { openCompose } from '#agent/stacks/compose.ts';
import { stackFolders } from '#agent/stacks/folder.ts';
import { writeDurably } from '#agent/state/durable-file.ts';
import { wanted } from './reconciler.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync('/tmp/ovs-folder-');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const text = (path: string) => readFileSync(`${root}/web/${path}`, 'utf8');

test('what is in the stack is written, what was taken out of it goes, what others put there stays', async () => {
  const folders = stackFolders(root);
  await folders.write(wanted('web', 'services: {}', { files: { 'a/b/c.txt': '1', 'd.txt': '2' }, env: { X: 'y' } }));
  assert.equal(text('a/b/c.txt'), '1');
  const inode = statSync(`${root}/web/d.txt`).ino;
  writeFileSync(`${root}/web/a/own`, 'by a container');
  await folders.write(wanted('web', 'services: {}', { files: { 'd.txt': '2' } }));
  assert.ok(!existsSync(`${root}/web/a/b`) && !existsSync(`${root}/web/.env`));
  assert.equal(text('a/own'), 'by a container');
  assert.equal(statSync(`${root}/web/d.txt`).ino, inode, 'an unchanged file is not touched');
});

test('a lost note only means that old files stay', async () => {
  const folders = stackFolders(root);
  await folders.write(wanted('web', 'services: {}', { files: { 'old.txt': '1' } }));
  writeFileSync(`${root}/web.json`, 'rubbish');
  await folders.write(wanted('web', 'services: {}'));
  assert.ok(existsSync(`${root}/web/old.txt`));
});

test('links are never followed, neither to write nor to remove', async () => {
  const folders = stackFolders(root);
  const outside = `${root}-outside`;
  mkdirSync(outside);
  try {
    writeFileSync(`${outside}/kept.txt`, 'theirs');
    await folders.write(wanted('web', 'services: {}', { files: { 'dir/kept.txt': 'ours', 'link.txt': 'ours' } }));
    rmSync(`${root}/web/dir`, { recursive: true });
    symlinkSync(outside, `${root}/web/dir`);
    rmSync(`${root}/web/link.txt`);
    symlinkSync(`${outside}/kept.txt`, `${root}/web/link.txt`);
    await assert.rejects(folders.write(wanted('web', 'services: {}', { files: { 'dir/kept.txt': 'evil' } })));
    await folders.write(wanted('web', 'services: {}', { files: { 'link.txt': 'new' } }));
    assert.equal(text('link.txt'), 'new');
    assert.equal(readFileSync(`${outside}/kept.txt`, 'utf8'), 'theirs');
    await folders.remove('web', true);
    assert.equal(readFileSync(`${outside}/kept.txt`, 'utf8'), 'theirs');
  } finally {
    rmSync(outside, { recursive: true, force: true });
  }
});

test('files may not stand in for those of the stack itself, nor lead out of it', async () => {
  const folders = stackFolders(root);
  const write = (files: Record<string, string>, env = {}) =>
    folders.write(wanted('web', 'services: {}', { files, env }));
  await assert.rejects(write({ 'compose.yaml': 'x' }), /own compose\.yaml/);
  await assert.rejects(write({ '.env': 'x' }, { A: '1' }), /own \.env/);
  await assert.rejects(write({ '../x': 'x' }), /not a path inside/);
  await write({ '.env': 'A=1' });
});

test('any value comes through .env as it is', async () => {
  const compose = openCompose('unix:///var/run/docker.sock');
  const folders = stackFolders(root);
  // What a container's environment can hold: no NUL, no half characters.
  const value = fc.string({ unit: 'grapheme', maxLength: 40 }).map((v) => v.replaceAll('\0', '').toWellFormed());
  const hostile = [
    "it's",
    '"',
    '\\',
    '\\n',
    '$HOME',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: what a value may look like
    '${HOME}',
    '#x',
    ' a ',
    'a\nb',
    '`id`',
    '\\"',
    '$$',
    "'\"'",
    '=',
    'x\\',
  ];
  const values = [...hostile, ...fc.sample(value, { numRuns: 200, seed: 7 })];
  const env = Object.fromEntries(values.map((v, index) => [`V${index}`, v]));
  const lines = values.map((_, index) => `      V${index}: "\${V${index}}"`).join('\n');
  const text = `services:\n  a:\n    image: x\n    environment:\n${lines}\n`;
  const directory = await folders.write(wanted('web', text, { env }));
  const { exitCode, stdout, stderr } = await compose.call({
    project: 'web',
    directory,
    arguments: ['config', '--format', 'json'],
    timeoutMs: 30_000,
  });
  assert.equal(exitCode, 0, stderr);
  const read = JSON.parse(stdout).services.a.environment;
  // Compose shows a dollar sign doubled, as one would have to write it.
  for (const [name, expected] of Object.entries(env)) assert.equal(read[name].replaceAll('$$', '$'), expected, name);
});

test('a durable file is replaced whole, and nothing is left beside it', async () => {
  await writeDurably(`${root}/deep/file`, 'one');
  await Promise.all(['two', 'three'].map((content) => writeDurably(`${root}/deep/file`, content)));
  assert.match(readFileSync(`${root}/deep/file`, 'utf8'), /^(two|three)$/);
  assert.equal(statSync(`${root}/deep/file`).mode & 0o777, 0o600);
  assert.deepEqual(readdirSync(`${root}/deep`), ['file']);
});

test('what somebody changed or took away since it was written is told, and cheap to ask for', async () => {
  const folders = stackFolders(root);
  const stack = wanted('web', 'services: {}', { files: { 'a/b.txt': '1', 'c.txt': '2' }, env: { X: 'y' } });
  await folders.write(stack);
  assert.deepEqual(await folders.drift(stack), []);
  writeFileSync(`${root}/web/a/b.txt`, '3');
  rmSync(`${root}/web/c.txt`);
  writeFileSync(`${root}/web/own.txt`, 'not of the stack');
  const found = await folders.drift('web');
  assert.deepEqual(
    found.toSorted((a, b) => (a.path < b.path ? -1 : 1)),
    [
      { path: 'a/b.txt', state: 'changed' },
      { path: 'c.txt', state: 'gone' },
    ],
  );
  await folders.write(stack);
  assert.deepEqual(await folders.drift(stack), []);
  rmSync(`${root}/web/c.txt`);
  symlinkSync('/etc/passwd', `${root}/web/c.txt`);
  assert.deepEqual(await folders.drift(stack), [{ path: 'c.txt', state: 'changed' }]);
  assert.deepEqual(await folders.drift('unknown'), []);
});

test('an adopted stack stays where it was: same words, same owner and mode, and all of it after its removal', async () => {
  const folders = stackFolders(`${root}/own`);
  const place = { directory: `${root}/theirs`, file: 'docker-compose.yml' };
  mkdirSync(place.directory);
  const theirs = (path: string) => readFileSync(`${place.directory}/${path}`, 'utf8');
  writeFileSync(`${place.directory}/docker-compose.yml`, 'services: {}', { mode: 0o640 });
  writeFileSync(`${place.directory}/.env`, '# by hand\nA=1\nB="two"\n', { mode: 0o640 });
  writeFileSync(`${place.directory}/site.conf`, 'old', { mode: 0o604 });
  chownSync(`${place.directory}/site.conf`, 1000, 1000);
  const inode = statSync(`${place.directory}/docker-compose.yml`).ino;
  const stack = wanted('web', 'services: {}', { place, env: { B: 'two', A: '1' }, files: { 'site.conf': 'new' } });
  assert.equal(await folders.write(stack), place.directory);
  assert.equal(folders.directoryOf(stack), place.directory);
  assert.equal(statSync(`${place.directory}/docker-compose.yml`).ino, inode, 'what is the same is not touched');
  assert.match(theirs('.env'), /# by hand/);
  const { uid, gid, mode } = statSync(`${place.directory}/site.conf`);
  assert.deepEqual([theirs('site.conf'), uid, gid, mode & 0o777], ['new', 1000, 1000, 0o604]);
  assert.deepEqual(await folders.drift(stack), []);
  await folders.write({ ...stack, env: { A: '2' } });
  assert.equal(theirs('.env'), 'A="2"\n');
  await folders.noteApplied(stack);
  await folders.remove('web', true);
  assert.deepEqual(readdirSync(place.directory).toSorted(), ['.env', 'docker-compose.yml', 'site.conf']);
  assert.deepEqual(readdirSync(`${root}/own`), []);
});

test('the overlay is written, told as drift and taken away with what needs it', async () => {
  const folders = stackFolders(root);
  const stack = wanted('web', 'services: {}', { pins: { web: 'a@sha256:1' } });
  await folders.write(stack);
  await folders.writeOverlay(stack, 'services: {web: {}}');
  await folders.write(stack);
  await folders.noteApplied(stack);
  assert.equal(text('compose.override.yaml'), 'services: {web: {}}');
  assert.deepEqual(await folders.drift(stack), []);
  writeFileSync(`${root}/web/compose.override.yaml`, 'by hand');
  assert.deepEqual(await folders.drift(stack), [{ path: 'compose.override.yaml', state: 'changed' }]);
  await folders.write(wanted('web', 'services: {}'));
  assert.ok(!existsSync(`${root}/web/compose.override.yaml`));
  const taken = wanted('web', 'services: {}', { files: { 'compose.override.yaml': 'x' } });
  await assert.rejects(folders.write(taken), /own compose\.override\.yaml/);
});
