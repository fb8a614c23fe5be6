// The tmpfs for opened secrets, on the real kernel.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { release } from 'node:os';
import { afterEach, beforeEach, suite, test } from 'node:test';
import { secretsMount, swapRisk } from '#agent/secrets/mount.ts';

let root: string;
const [major = 0, minor = 0] = release().split('.').map(Number);
const HAS_NOSWAP = major > 6 || (major === 6 && minor >= 4);
const HAS_SWAP = readFileSync('/proc/swaps', 'utf8').trim().split('\n').length > 1;
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
    if (HAS_NOSWAP) assert.match(linesOf(root)[0] ?? '', /\bnoswap\b/);
    assert.equal(await swapRisk(`${root}/node`), HAS_NOSWAP || !HAS_SWAP ? null : await swapRisk(root));
    assert.equal(statSync(root).mode & 0o777, 0o700);
    execFileSync('umount', [root]);
    assert.equal(await mount.isReady(), false);
    await mount.ensure();
    assert.equal(await mount.isReady(), true);
  });

  test('one that may be swapped is said, once, and what the unit mounts is never', async () => {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'plain', root]);
    const warnings: string[] = [];
    const given = secretsMount({ directory: `${root}/node`, isGiven: true }, (text) => warnings.push(text));
    await given.ensure();
    await given.ensure();
    assert.deepEqual(
      warnings,
      HAS_SWAP ? [`opened secrets may reach the swap space: ${root} is a tmpfs without noswap`] : [],
    );
    execFileSync('umount', [root]);
    const unit = readFileSync('infra/deploy/overseer-agent.service', 'utf8');
    const command = /^ExecStartPre=\+\/bin\/sh -c '(.*)'$/m.exec(unit)?.[1]?.replaceAll('$$', '$') ?? '';
    const env = { ...process.env, RUNTIME_DIRECTORY: root };
    for (let time = 0; time < 2; time++) execFileSync('/bin/sh', ['-c', command], { env });
    assert.equal(linesOf(root).length, 1, 'mounted once');
    if (HAS_NOSWAP) assert.match(linesOf(root)[0] ?? '', /\bnoswap\b/);
    await given.ensure();
    assert.equal(await given.isReady(), true);
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
