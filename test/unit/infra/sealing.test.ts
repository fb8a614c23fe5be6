// Sealing with real age files: who opens what, and what is refused.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { isRecipient, type KeyPair, keyPairFrom, newKeyPair, open, seal } from '#infra/sealing/age.ts';
import { checkEnvelope, envelopeBytes, sealEnvelope } from '#infra/sealing/envelope.ts';
import { identityText, keptIdentity, readIdentity } from '#infra/sealing/identity-file.ts';
import { inParts } from '#infra/sealing/parts.ts';
import { SECRET_MAX_BYTES } from '#subjects/limits.ts';
import { SecretEnvelope } from '#subjects/schema/secret.ts';

const AUDIENCE = { secret: 'db', version: 2, node: 'n'.repeat(26), stack: 'web' };
const bytes = fc.uint8Array({ minLength: 1, maxLength: 500 });

describe('age', () => {
  let [vault, recovery, stranger] = [] as unknown as [KeyPair, KeyPair, KeyPair];
  before(async () => {
    [vault, recovery, stranger] = await Promise.all([newKeyPair(), newKeyPair(), newKeyPair()]);
  });

  test('each recipient opens it, and nobody else', async () => {
    await fc.assert(
      fc.asyncProperty(bytes, async (value) => {
        const sealed = await seal(value, [vault.recipient, recovery.recipient, vault.recipient]);
        for (const { identity } of [vault, recovery]) {
          assert.deepEqual(await open(sealed, identity), Buffer.from(value));
        }
        await assert.rejects(open(sealed, stranger.identity));
      }),
      { numRuns: 20 },
    );
  });

  test('a changed bit anywhere is noticed', async () => {
    const sealed = await seal(Buffer.from('value'), [vault.recipient]);
    for (let at = 0; at < sealed.length; at += 7) {
      const changed = Buffer.from(sealed);
      changed.writeUInt8((changed[at] as number) ^ 1, at);
      await assert.rejects(open(changed, vault.identity), `byte ${at}`);
    }
    assert.equal((await open(sealed, vault.identity)).toString(), 'value', 'control');
  });

  test('the largest secret', async () => {
    const value = Buffer.alloc(SECRET_MAX_BYTES, 7);
    assert.deepEqual(await open(await seal(value, [vault.recipient]), vault.identity), value);
  });

  test('nobody to seal for, and recipients that are none, are refused', async () => {
    await assert.rejects(seal(Buffer.from('x'), []));
    await assert.rejects(seal(Buffer.from('x'), [`age1${'q'.repeat(58)}`]));
    await assert.rejects(seal(Buffer.from('x'), [vault.recipient, 'age1nobody']));
    assert.equal(await isRecipient(vault.recipient), true);
    for (const text of ['', 'age1', `age1${'q'.repeat(58)}`, `${vault.recipient} `, vault.identity]) {
      assert.equal(await isRecipient(text), false, text);
    }
  });

  test('identities are read as age-keygen writes them; a refusal repeats nothing', async () => {
    assert.deepEqual(await keyPairFrom(identityText(vault)), vault);
    assert.deepEqual(await keyPairFrom(`# created: today\r\n\r\n${vault.identity}\r\n`), vault);
    const damaged = `${vault.identity.slice(0, -1)}${vault.identity.endsWith('Q') ? 'P' : 'Q'}`;
    for (const text of ['', '# nothing', 'hunter2', `${vault.identity}\n${recovery.identity}`, damaged]) {
      await assert.rejects(
        keyPairFrom(text),
        (error: Error) => !/hunter2|AGE-SECRET-KEY-1[A-Z0-9]{10}/.test(String(error.stack)),
      );
    }
  });
});

describe('envelopes', () => {
  test('what was put in comes out, for the one it is for', () => {
    fc.assert(
      fc.property(bytes, fc.integer({ min: 1, max: 2 ** 31 - 1 }), (value, version) => {
        const audience = { ...AUDIENCE, version };
        const inside = envelopeBytes(audience, value);
        assert.deepEqual(Object.keys(SecretEnvelope.parse(JSON.parse(inside.toString()))).sort(), [
          'node',
          'secret',
          'stack',
          'v',
          'value',
          'version',
        ]);
        assert.deepEqual(checkEnvelope(inside, audience), { ok: true, value: Buffer.from(value) });
      }),
    );
  });

  test('another secret, version, node or stack is refused', () => {
    const inside = envelopeBytes(AUDIENCE, Buffer.from('hunter2'));
    const others = { secret: 'cache', version: 1, node: 'm'.repeat(26), stack: 'shop' };
    for (const [field, other] of Object.entries(others)) {
      const checked = checkEnvelope(inside, { ...AUDIENCE, [field]: other });
      assert.deepEqual(checked, { ok: false, reason: `it was sealed for another ${field}` });
    }
  });

  test('what is no envelope is refused, and not repeated', () => {
    const envelope = JSON.parse(envelopeBytes(AUDIENCE, Buffer.from('x')).toString());
    const bad: (string | Uint8Array)[] = [
      '',
      'hunter2',
      '{"hunter2":',
      '[]',
      JSON.stringify({ ...envelope, v: 2 }),
      JSON.stringify({ ...envelope, hunter2: true }),
      JSON.stringify({ ...envelope, value: 'hunter2!' }),
      Uint8Array.of(0xff, 0xfe),
    ];
    for (const inside of bad) {
      const checked = checkEnvelope(typeof inside === 'string' ? Buffer.from(inside) : inside, AUDIENCE);
      assert.deepEqual(checked, { ok: false, reason: 'what is sealed is no envelope' });
    }
  });

  test('sealed for a node, only that node opens it', async () => {
    const [node, other] = await Promise.all([newKeyPair(), newKeyPair()]);
    const sealed = await sealEnvelope(AUDIENCE, Buffer.from('value'), node.recipient);
    assert.ok(checkEnvelope(await open(sealed, node.identity), AUDIENCE).ok);
    await assert.rejects(open(sealed, other.identity));
  });
});

describe('identity files', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ovs-sealing-'));
  after(() => rmSync(folder, { recursive: true, force: true }));

  test('made once, for the owner alone, by however many at once', async () => {
    const file = join(folder, 'vault-identity');
    const made = await Promise.all(Array.from({ length: 8 }, () => keptIdentity(file)));
    for (const one of made) assert.deepEqual(one, made[0]);
    assert.deepEqual(await readIdentity(file), made[0]);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.deepEqual(readdirSync(folder), ['vault-identity'], 'no draft stays');
  });

  test('a file that holds none is told by name and left as it is', async () => {
    const file = join(folder, 'damaged');
    writeFileSync(file, 'hunter2');
    await assert.rejects(
      keptIdentity(file),
      (error: Error) => error.message.includes(file) && !error.message.includes('hunter2'),
    );
    assert.equal(readFileSync(file, 'utf8'), 'hunter2');
  });
});

test('parts fit into messages and lose nothing', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(300_000), { maxLength: 30 }), fc.nat(400_000), (sizes, taken) => {
      const nodes = sizes.map((size, index) => ({ node: `n${index}`, stack: 'web', sealed: 'x'.repeat(size) }));
      const parts = inParts(nodes, taken);
      assert.deepEqual(parts.flat(), nodes);
      for (const [index, part] of parts.entries()) {
        const size = part.reduce((sum, { sealed }) => sum + sealed.length, index === 0 ? taken : 0);
        assert.ok(size <= 512 * 1024, `${size}`);
      }
    }),
    { numRuns: 50 },
  );
  const many = Array.from({ length: 2500 }, (_, index) => ({ node: `n${index}`, stack: 'web', sealed: 'x' }));
  assert.deepEqual(
    inParts(many).map(({ length }) => length),
    [1000, 1000, 500],
  );
});
