// The recovery identity of the first start.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { open, seal } from '#infra/sealing/age.ts';
import { readIdentity } from '#infra/sealing/identity-file.ts';
import { makeRecovery } from '#services/start/recovery.ts';

let data: string;
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'ovs-recovery-'));
});
afterEach(() => rmSync(data, { recursive: true, force: true }));

const recipientThere = () => readFileSync(join(data, 'recovery-recipient'), 'utf8').trim();

test('made once, told once, for its owner alone; what is sealed to its recipient it opens', async () => {
  const told = await makeRecovery(data, null);
  const file = join(data, 'recovery-identity');
  assert.ok(told?.includes(file));
  assert.doesNotMatch(told ?? '', /AGE-SECRET-KEY/);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  const { identity } = await readIdentity(file);
  const sealed = await seal(Buffer.from('value'), [recipientThere()]);
  assert.equal((await open(sealed, identity)).toString(), 'value');
  assert.equal(await makeRecovery(data, null), null);
  // Taken away, as told: the recipient stays, and no other identity takes its place.
  rmSync(file);
  assert.equal(await makeRecovery(data, null), null);
  assert.deepEqual(readdirSync(data), ['recovery-recipient']);
});

test('killed in between: the next start tells again, of the same identity', async () => {
  await makeRecovery(data, null);
  const { recipient } = await readIdentity(join(data, 'recovery-identity'));
  rmSync(join(data, 'recovery-recipient'));
  assert.notEqual(await makeRecovery(data, null), null);
  assert.equal(recipientThere(), recipient);
});

test('whoever names a recipient has the identity already', async () => {
  assert.equal(await makeRecovery(data, 'age1x'), null);
  assert.deepEqual(readdirSync(data), []);
  writeFileSync(join(data, 'recovery-recipient'), 'age1y\n');
  assert.equal(await makeRecovery(data, null), null);
  assert.equal(recipientThere(), 'age1y');
});
