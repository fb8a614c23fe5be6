// Secrets by the CLI: values come from anywhere but an argument, and the recovery identity never leaves the machine.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, beforeEach, describe, test } from 'node:test';
import { type KeyPair, newKeyPair, open, seal } from '#infra/sealing/age.ts';
import { checkEnvelope } from '#infra/sealing/envelope.ts';
import { identityText } from '#infra/sealing/identity-file.ts';
import { OverseerError } from '#subjects/errors.ts';
import { cliFixture, DEPLOYMENT, NAS, PI } from './fixture.ts';

const AT = '2026-11-23T20:00:00.000Z';
const secret = (name: string, more: object = {}) => ({
  ...{ name, version: 2, description: null, createdAt: AT, updatedAt: AT, updatedBy: 'admin' },
  ...{ stacks: ['web'], waiting: [], ...more },
});
const listed = (items: object[]) => ({ items, nextCursor: null, mode: 'strict', recoveryRecipient: null });

describe('secret', () => {
  const cli = cliFixture();
  let core: KeyPair;
  let recovery: KeyPair;
  let nas: KeyPair;
  before(async () => {
    [core, recovery, nas] = await Promise.all([newKeyPair(), newKeyPair(), newKeyPair()]);
  });
  beforeEach(() => {
    writeFileSync(join(cli.folder, 'identity'), identityText(recovery));
    Object.assign(cli.gateway.bus.answers, {
      secretRecipients: () => ({ mode: 'managed', core: [core.recipient], version: 1, nodes: [], nextCursor: null }),
      putSecret: () => ({
        ...{ name: 'db', version: 1, deployments: [{ stack: 'web', deployment: DEPLOYMENT }] },
        warnings: ['no recovery recipient is set'],
      }),
    });
  });

  const asked = (name: string) => cli.gateway.bus.asked.filter((one) => one.name === name).map(({ input }) => input);
  const stored = async () => open(Buffer.from(asked('putSecret').at(-1).sealed, 'base64'), core.identity);

  test('set takes the value from stdin, and tells what is deployed', async () => {
    const { code, out, err } = await cli.run('secret set db --description why', { input: 'pa ss\u0000wörd' });
    assert.equal(code, 0, err);
    assert.equal(out, 'db version 1\n');
    assert.equal(err, `Note: no recovery recipient is set\nweb: deployment ${DEPLOYMENT}\n`);
    assert.equal((await stored()).toString(), 'pa ss\u0000wörd');
    assert.equal(asked('putSecret')[0].description, 'why');
  });

  test('set takes a file as it is, and tells of a line break at its end', async () => {
    const bytes = Buffer.from([0xff, 0, 1, 0x0a]);
    writeFileSync(join(cli.folder, 'value.bin'), bytes);
    const { code, err } = await cli.run('secret set db --file value.bin');
    assert.equal(code, 0, err);
    assert.match(err, /ends with a line break/);
    assert.deepEqual(await stored(), bytes);
  });

  test('set refuses a value as an argument, an empty one, and a file that is not there', async () => {
    for (const [line, text] of [
      ['secret set db hunter2', /never an argument/],
      ['secret set db', /The value is empty/],
      ['secret set db --file nothing', /can't be read/],
    ] as const) {
      const { code, err } = await cli.run(line);
      assert.equal(code, 2, err);
      assert.match(err, text);
      assert.doesNotMatch(err, /hunter2/);
    }
    assert.deepEqual(asked('putSecret'), []);
  });

  test('ls shows uses and who waits; rm asks for the name', async () => {
    cli.gateway.bus.answers.listSecrets = () => listed([secret('cache'), secret('db', { waiting: [NAS, PI] })]);
    const { out } = await cli.run('secret ls');
    assert.match(out, /^NAME +VERSION +STACKS +WAITING/);
    assert.match(out, /db +2 +web +2 nodes/);
    cli.gateway.bus.answers.removeSecret = () => ({});
    assert.equal((await cli.run('secret rm db', { input: 'db\n' })).code, 2);
    const removed = await cli.run('secret rm db -y --json');
    assert.deepEqual([removed.code, removed.err, JSON.parse(removed.out).version], [0, 'db is gone\n', 2]);
    cli.gateway.bus.answers.removeSecret = () => {
      throw new OverseerError('secret-in-use', 'secret db is used by web', { fields: { stacks: ['web'] } });
    };
    const refused = await cli.run('secret rm db -y');
    assert.equal(refused.code, 5);
    assert.match(refused.err, /used by web/);
  });

  test('rewrap seals for each that waits, here, and sends no more than that', async () => {
    let waiting = [
      { node: NAS, stack: 'web', recipient: nas.recipient },
      { node: PI, stack: 'web', recipient: `age1${'q'.repeat(58)}` },
    ];
    const sealed = (await seal(Buffer.from('value'), [recovery.recipient])).toString('base64');
    Object.assign(cli.gateway.bus.answers, {
      listSecrets: () => listed([secret('other'), secret('db', { waiting: [NAS, PI] })]),
      secretRecovery: () => ({ name: 'db', version: 2, sealed, waiting }),
      rewrapSecret: () => {
        waiting = waiting.filter(({ node }) => node === PI);
        return { deployments: [], warnings: [] };
      },
    });
    const { code, out, err } = await cli.run('secret rewrap --identity identity');
    assert.equal(code, 0, err);
    assert.match(out, /^NAME +SEALED +FAILURE\ndb +1 +-\n$/);
    assert.match(err, new RegExp(`${PI}: what it told as its recipient is none`));
    const [sent, ...more] = asked('rewrapSecret');
    assert.deepEqual(more, []);
    assert.deepEqual([sent.name, sent.version, sent.nodes.length], ['db', 2, 1]);
    const inside = await open(Buffer.from(sent.nodes[0].sealed, 'base64'), nas.identity);
    const checked = checkEnvelope(inside, { secret: 'db', version: 2, node: NAS, stack: 'web' });
    assert.equal(checked.ok && checked.value.toString(), 'value');
    assert.ok(!JSON.stringify(cli.gateway.bus.asked).includes(recovery.identity));
  });

  test('an identity that does not open it, and one that is none, are told without their text', async () => {
    const sealed = (await seal(Buffer.from('value'), [core.recipient])).toString('base64');
    const waiting = [{ node: NAS, stack: 'web', recipient: nas.recipient }];
    cli.gateway.bus.answers.secretRecovery = () => ({ name: 'db', version: 2, sealed, waiting });
    const wrong = await cli.run('secret rewrap db --identity identity --json');
    assert.equal(wrong.code, 4);
    assert.match(wrong.err, /does not open db version 2/);
    const [item] = JSON.parse(wrong.out).items;
    assert.deepEqual([item.name, item.sealed, /does not open/.test(item.failure)], ['db', 0, true]);
    writeFileSync(join(cli.folder, 'none'), 'hunter2\n');
    const none = await cli.run('secret rewrap db --identity none');
    assert.equal(none.code, 2);
    assert.doesNotMatch(none.err, /hunter2/);
    assert.deepEqual(asked('rewrapSecret'), []);
  });

  test('recovery new makes an identity once; open gives the bytes themselves', async () => {
    const folder = join(cli.folder, 'safe');
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder);
    const { code, out, err } = await cli.run('secret recovery new --out safe/id');
    assert.equal(code, 0, err);
    const recipient = out.trim();
    assert.match(recipient, /^age1/);
    assert.match(err, /OVERSEER_RECOVERY_RECIPIENT/);
    assert.doesNotMatch(err, /AGE-SECRET-KEY/);
    const file = join(folder, 'id');
    assert.equal(statSync(file).mode & 0o777, 0o600);
    const text = readFileSync(file, 'utf8');
    assert.equal((await cli.run('secret recovery new --out safe/id')).code, 5);
    assert.equal(readFileSync(file, 'utf8'), text);

    const value = 'line\nand ä no line break at the end';
    const sealed = (await seal(Buffer.from(value), [recipient])).toString('base64');
    cli.gateway.bus.answers.secretRecovery = () => ({ name: 'db', version: 1, sealed, waiting: [] });
    const opened = await cli.run('secret recovery open db --identity safe/id');
    assert.equal(opened.code, 0, opened.err);
    assert.equal(opened.out, value);
  });
});
