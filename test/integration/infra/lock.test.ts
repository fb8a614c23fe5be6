import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { lockFile } from '#infra/process/lock.ts';

const folder = mkdtempSync(join(tmpdir(), 'overseer-lock-'));
after(() => rmSync(folder, { recursive: true }));

test('a held lock is refused to the impatient, and free after its release', async () => {
  const path = join(folder, 'a');
  const first = await lockFile(path, { patient: false });
  assert.ok(first);
  assert.equal(await lockFile(path, { patient: false }), null);
  await first.release();
  const second = await lockFile(path, { patient: false });
  assert.ok(second);
  await second.release();
});

test('a lock is free when its holder was killed', async () => {
  const path = join(folder, 'b');
  const source = `import { lockFile } from '#infra/process/lock.ts';
    await lockFile(${JSON.stringify(path)}, { patient: false }); console.log('held'); setInterval(() => {}, 1000);`;
  const holder = spawn(process.execPath, ['--input-type=module', '-e', source], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(holder.stdout, 'data');
  assert.equal(await lockFile(path, { patient: false }), null);
  holder.kill('SIGKILL');
  const freed = await lockFile(path, { patient: true });
  assert.ok(freed);
  await freed.release();
});
