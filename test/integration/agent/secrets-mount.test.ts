// The tmpfs for opened secrets, on the real kernel.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, suite, test } from 'node:test';
import { secretsMount } from '#agent/secrets/mount.ts';

let root: string;
const linesOf = (path: string) =>
  readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter((line) => line.split(' ')[4] === path);

suite('the mount', { skip: process.getuid?.() === 0 ? false : 'only root may mount' }, () => {
  beforeEach(() => {
    // /tmp may be a tmpfs itself.
    root = mkdtempSync('/var/tmp/ovs-mount-');
  });
  afterEach(() => {
    while (linesOf(root).length > 0) execFileSync('umount', ['-l', root]);
    rmSync(root, { recursive: true, force: true });
  });

  test('is made once, for root alone, and made again when it was taken away', async () => {
    const mount = secretsMount({ directory: root, isGiven: false }, () => {});
    assert.equal(await mount.isReady(), false);
    const [first, second] = await Promise.all([mount.ensure(), mount.ensure()]);
    assert.equal(first, second);
    await secretsMount({ directory: root, isGiven: false }, () => {}).ensure();
    assert.equal(linesOf(root).length, 1, 'never mounted twice, by nobody');
    assert.match(linesOf(root)[0] ?? '', /- tmpfs/);
    assert.equal(statSync(root).mode & 0o777, 0o700);
    execFileSync('umount', [root]);
    assert.equal(await mount.isReady(), false);
    await mount.ensure();
    assert.equal(await mount.isReady(), true);
  });

  test('a folder that was given must be on a tmpfs', async () => {
    const disk = secretsMount({ directory: `${root}/node`, isGiven: true }, () => {});
    await assert.rejects(disk.ensure(), /not on a tmpfs/);
    await secretsMount({ directory: root, isGiven: false }, () => {}).ensure();
    await disk.ensure();
    assert.equal(await disk.isReady(), true);
    assert.equal(linesOf(`${root}/node`).length, 0, 'nothing is mounted there');
  });

  test('where none can be had, the reason is said', async () => {
    writeFileSync(`${root}/file`, '');
    const below = secretsMount({ directory: `${root}/file/node`, isGiven: false }, () => {});
    await assert.rejects(below.ensure(), /the folder for secrets .* can't be made: ENOTDIR/);
  });
});
