// What waits on the node's disk outlives a disk that is full when the agent comes back; only a file that is none any more is
// set aside.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { after, before, test } from 'node:test';
import { openLogStore } from '#agent/logs/store.ts';
import { LogBatch } from '#subjects/schema/log-batch.ts';

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

test('a batch that can not be read any more is told as a gap of those whose lines it had', () => {
  const file = `${folder}/spoiled.db`;
  const [known, gone] = ['a'.repeat(64), 'b'.repeat(64)] as const;
  const source = { container: known, name: 'web-app-1', stack: 'web', service: 'app' };
  const place = { file: 'f'.repeat(32), offset: 9, row: 1, next: 1, mark: '', source, last: null };
  const shares = new Map([known, gone].map((container) => [container, 1]));
  const body = LogBatch.parse({ kind: 'log', chunks: [], gaps: [] });
  const filling = openLogStore(file, options);
  const [first] = filling.append([{ body, places: new Map([[known, place]]), shares }]);
  filling.append([{ body, places: new Map(), shares: new Map([[gone, 1]]) }]);
  const [third] = filling.append([{ body, places: new Map(), shares }]);
  filling.close();
  const database = new DatabaseSync(file);
  database.prepare('UPDATE batch SET body = ? WHERE id < ?').run(Buffer.from('spoiled'), third as number);
  database.close();

  const store = openLogStore(file, options);
  const told = store.next(0);
  assert.equal(told?.id, first);
  const { gaps } = LogBatch.parse(told?.body);
  assert.deepEqual(
    gaps.map(({ container, stack, service, reason, key }) => [container, stack, service, reason, key]),
    [[known, 'web', 'app', 'unreadable', `${place.file}:spool:${first}`]],
  );
  // Nothing is known of whose lines the second had; what is readable comes as it was.
  assert.deepEqual(store.next(first as number), { id: third, body });
  store.close();
});
