import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openStore } from '#agent/state/disk-store.ts';

const writer = fileURLToPath(new URL('./spool-writer.ts', import.meta.url));

/** Lets it write, kills it in the midst; the last number it said. */
async function writeAndKill(file: string, atLeast: number): Promise<number> {
  const child = spawn(process.execPath, [writer, file], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.setEncoding('utf8');
  child.stdout.on('data', (chunk: string) => {
    said += chunk;
    if (said.split('\n').length > atLeast) child.kill('SIGKILL');
  });
  await once(child, 'close');
  return Number(said.trimEnd().split('\n').at(-1));
}

test('kill -9 loses no event that was kept, tears none, and numbers go on', { timeout: 60_000 }, async () => {
  const folder = mkdtempSync('/tmp/ovs-crash-');
  const file = `${folder}/state.db`;
  try {
    let kept = 0;
    let epoch: string | null = null;
    for (const atLeast of [5, 40, 120]) {
      const said = await writeAndKill(file, atLeast);
      assert.ok(said >= atLeast, 'control: it was writing');
      const store = openStore(file, { newEpoch: () => 'none', log: { warn: assert.fail } });
      epoch ??= store.spool.epoch;
      assert.equal(store.spool.epoch, epoch);
      // One more may have been kept than was said.
      const found = store.spool.count - kept;
      assert.ok(found === said || found === said + 1, `said ${said}, kept ${found}`);
      const record = store.records()[0]?.removedGeneration ?? 0;
      assert.equal(record, found - (found % 2), 'an outcome and its event are together or not there');
      kept = store.spool.count;
      store.close();
    }
    const store = openStore(file, { newEpoch: () => 'none', log: { warn: assert.fail } });
    for (let sequence = 1; sequence <= kept; sequence++) {
      assert.equal(store.spool.oldest()?.sequence, sequence);
      store.spool.release(sequence);
    }
    store.close();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
