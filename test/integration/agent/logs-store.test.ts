// What waits on the node's disk outlives a disk that is full when the agent comes back; only a file that is none any more is
// set aside.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { openLogStore } from '#agent/logs/store.ts';

const BATCHES = 20;
const warnings: string[] = [];
const options = { log: { warn: (_: object, text: string) => void warnings.push(text) }, now: () => 1 };
let folder: string;

before(() => {
  folder = mkdtempSync('/tmp/ovs-logs-store-');
});
after(() => rmSync(folder, { recursive: true, force: true }));

/** Another process, so that it can end as by kill -9 with everything in the write-ahead log. */
function fillAndDie(file: string): void {
  const script = `
    import { openLogStore } from '#agent/logs/store.ts';
    const store = openLogStore(${JSON.stringify(file)}, { log: { warn() {} }, now: () => 1 });
    const body = { kind: 'log', chunks: [], gaps: [] };
    for (let n = 0; n < ${BATCHES}; n++) store.append([{ body, places: new Map(), shares: new Map([['c', 1]]) }]);
    process.kill(process.pid, 'SIGKILL');`;
  try {
    execFileSync(process.execPath, ['--input-type=module', '--eval', script], { stdio: 'ignore' });
  } catch {
    // It was killed.
  }
}

test('a full disk when it is opened again loses nothing', () => {
  const disk = `${folder}/disk`;
  execFileSync('mkdir', [disk]);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk]);
  try {
    const file = `${disk}/logs.db`;
    fillAndDie(file);
    assert.ok(existsSync(`${file}-wal`), 'control: it did not end by itself');
    // As after a reboot; it needs room to be made anew.
    rmSync(`${file}-shm`);
    try {
      writeFileSync(`${disk}/filler`, Buffer.alloc(2 * 1024 * 1024));
    } catch {
      // Full.
    }
    assert.throws(() => openLogStore(file, options), 'control: it can not be opened now');
    assert.deepEqual(
      readdirSync(disk).filter((name) => name.includes('damaged')),
      [],
    );
    rmSync(`${disk}/filler`);
    const store = openLogStore(file, options);
    assert.equal(store.last, BATCHES);
    assert.notEqual(store.next(0), null);
    store.close();
  } finally {
    execFileSync('umount', [disk]);
  }
});

test('what is no database any more is set aside, each under a name of its own', () => {
  const file = `${folder}/logs.db`;
  for (const name of ['logs.db.damaged', 'logs.db.damaged-2']) {
    writeFileSync(file, 'this is no database, and long enough that nobody takes it for an empty one'.repeat(20));
    openLogStore(file, options).close();
    assert.ok(existsSync(`${folder}/${name}`), name);
  }
  assert.equal(warnings.length, 2);
});
