// Folders that a killed process left: cleared when nobody can be at them any more, and nothing else is.
import assert from 'node:assert/strict';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { afterEach, beforeEach, test } from 'node:test';
import { keepScratchIn, withScratchFolder } from '#agent/stacks/scratch.ts';
import { clearLeftFolders } from '#infra/left-folders.ts';

let place: string;
beforeEach(() => {
  place = mkdtempSync('/tmp/ovs-left-');
});
afterEach(() => rmSync(place, { recursive: true, force: true }));

test('old ones of ours go, young ones and those of others stay', async () => {
  const old = new Date(Date.now() - 60_000);
  for (const name of ['mine-old', 'mine-young', 'other-old', 'target']) {
    mkdirSync(`${place}/${name}`);
    writeFileSync(`${place}/${name}/.env`, 'PASSWORD=x');
    if (name.endsWith('old')) utimesSync(`${place}/${name}`, old, old);
  }
  symlinkSync('target', `${place}/mine-link`);
  await clearLeftFolders({ place, prefix: 'mine-', leftMs: 30_000 }, Date.now());
  assert.deepEqual(readdirSync(place).toSorted(), ['mine-link', 'mine-young', 'other-old', 'target']);
  await clearLeftFolders({ place, prefix: 'mine-', leftMs: 0 }, Date.now() + 1);
  assert.deepEqual(readdirSync(place).toSorted(), ['mine-link', 'other-old', 'target']);
  await clearLeftFolders({ place: `${place}/none`, prefix: 'mine-', leftMs: 0 }, Date.now());
});

test('an agent has its own place for them, which nobody else reads, and begins with an empty one', async () => {
  const own = `${place}/scratch`;
  mkdirSync(`${own}/overseer-preview-left`, { recursive: true });
  writeFileSync(`${own}/overseer-preview-left/.env`, 'PASSWORD=x');
  chmodSync(own, 0o755);
  await keepScratchIn(own);
  assert.deepEqual(readdirSync(own), []);
  assert.equal(statSync(own).mode & 0o777, 0o700);
  await withScratchFolder(async (folder) => assert.ok(folder.startsWith(`${own}/`)));
  assert.deepEqual(readdirSync(own), []);
});
