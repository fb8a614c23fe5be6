// What nobody could look up is treated as if it had secrets: its output is left out, not shown.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { roomRecords } from '#agent/secrets/record.ts';
import { closed, openly } from '#agent/secrets/redactor.ts';
import { secretRoom } from '#agent/secrets/room.ts';

test('records that were not read yet, or can not be, close the output; none at all opens it', async () => {
  const folder = mkdtempSync('/tmp/ovs-records-');
  try {
    writeFileSync(`${folder}/broken.secrets.json`, '{"stack":');
    const records = roomRecords(folder);
    const mount = { directory: `${folder}/mount`, isReady: async () => true, ensure: async () => {} };
    const opener = { node: 'n', identity: '' };
    const room = secretRoom({ mount, opener, records, log: { warn() {} }, now: Date.now } as never);
    assert.equal(room.redactor('plain'), closed, 'not looked for yet');
    await records.all();
    assert.equal(room.redactor('plain'), openly);
    assert.equal(room.redactor('broken'), closed);
    await room.forget('broken');
    assert.equal(room.redactor('broken'), openly, 'nothing of it is left');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
