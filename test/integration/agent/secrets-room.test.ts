// The room in which secrets lie opened, without an engine: what is remembered before what, what stays and what goes.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, suite, test } from 'node:test';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { folderOf } from '#agent/secrets/generation.ts';
import { secretsMount } from '#agent/secrets/mount.ts';
import { type RoomRecords, roomRecords } from '#agent/secrets/record.ts';
import { UNSEARCHED } from '#agent/secrets/redactor.ts';
import { type SecretRoom, secretRoom } from '#agent/secrets/room.ts';
import type { ServiceSecrets } from '#agent/secrets/uses.ts';
import type { DesiredSecret } from '#subjects/schema/secret.ts';
import { sealedSecret } from '#test/harness/secrets.ts';
import { NODE, wanted } from './reconciler.ts';

let opened: string;
let kept: string;
let identity: string;
let recipient: string;
let records: RoomRecords;
let room: SecretRoom;
let time = 1000;

const use = (path = 'db', service = 'app'): ServiceSecrets => ({
  ...{ service, user: '0', image: 'i', variables: [], holders: [], kept: null },
  files: [{ secret: 'db', path, target: null, uid: null, gid: null, mode: null }],
});
const userOf = async () => ({ uid: 0, gid: 0, isCertain: true });

async function stackWith(value: string, version = 1) {
  const secret = await sealedSecret({ recipient, node: NODE, stack: 'web' }, 'db', value, { version });
  return wanted('web', 'services: {}', { secrets: [secret] });
}

async function prepared(value: string, version = 1, uses = [use()]): Promise<string> {
  const stack = await stackWith(value, version);
  await room.prepare(stack, uses, userOf);
  return folderOf(uses[0] as ServiceSecrets, stack.secrets);
}

function open(more: Partial<RoomRecords> = {}): SecretRoom {
  records = roomRecords(kept);
  return secretRoom({
    mount: secretsMount({ directory: opened, isGiven: true }, () => {}),
    opener: { node: NODE, identity },
    records: { ...records, ...more },
    log: { warn() {} },
    now: () => time,
  });
}

const folders = () => readdirSync(`${opened}/web`).filter((name) => name !== '@opened');
const read = (folder: string, path = 'db') => readFileSync(`${opened}/web/${folder}/${path}`, 'utf8');
const lostOf = async (of = room) => Object.keys((await of.lost()).get('web') ?? {});

suite('the room', { skip: process.getuid?.() === 0 ? false : 'only root may give files away' }, () => {
  beforeEach(async () => {
    // A tmpfs on every Linux.
    opened = mkdtempSync('/dev/shm/ovs-room-');
    kept = mkdtempSync('/tmp/ovs-records-');
    identity = await generateX25519Identity();
    recipient = await identityToRecipient(identity);
    room = open();
  });
  afterEach(() => {
    for (const folder of [opened, kept]) rmSync(folder, { recursive: true, force: true });
  });

  test('nothing is written that is not remembered before, and nothing is forgotten that is there', async () => {
    const orders: string[] = [];
    const noting = open({
      async keep(record) {
        const [newest] = record.services;
        orders.push(`keep ${existsSync(`${opened}/web/${newest?.folder}`) ? 'written' : 'absent'}`);
        await records.keep(record);
      },
    });
    await noting.prepare(await stackWith('one-value'), [use()], userOf);
    assert.equal(orders[0], 'keep absent');
    await room.forget('web');
    assert.deepEqual(readdirSync(opened), []);
    assert.deepEqual(readdirSync(kept), []);
  });

  test('a version has a folder of its own beside the one before, until it is up', async () => {
    const first = await prepared('value-one', 1);
    await room.found('web', ['app']);
    const second = await prepared('value-two', 2);
    assert.notEqual(first, second);
    assert.deepEqual([read(first), read(second)], ['value-one', 'value-two']);
    assert.equal(room.redactor('web')('value-one value-two'), '[secret] [secret]');
    await room.settle('web', true);
    assert.deepEqual(folders(), [second]);
    assert.equal(await prepared('value-two', 2), second, 'the same again is the same place');
    assert.deepEqual(await lostOf(), []);
  });

  test('going back finds the folder that containers have mounted, as it was', async () => {
    const first = await prepared('value-one', 1);
    await room.settle('web', true);
    await room.found('web', ['app']);
    const { ino } = statSync(`${opened}/web/${first}/db`);
    await prepared('value-two', 2);
    assert.equal(await prepared('value-one', 1), first);
    assert.equal(statSync(`${opened}/web/${first}/db`).ino, ino);
    await room.settle('web', true);
    assert.deepEqual(folders(), [first]);
    assert.deepEqual(await lostOf(), []);
  });

  test('many versions that never came up leave a bounded number of folders, and the one that runs', async () => {
    const first = await prepared('value-1', 1);
    await room.settle('web', true);
    for (let version = 2; version < 20; version++) await prepared(`value-${version}`, version);
    assert.ok(folders().length <= 8, `${folders().length}`);
    assert.equal(read(first), 'value-1');
  });

  test('another place in the container is another folder, of one service alone', async () => {
    const uses = [use(), use('db', 'other')];
    const stack = await stackWith('a-value');
    await room.prepare(stack, uses, userOf);
    const other = folderOf(uses[1] as ServiceSecrets, stack.secrets);
    const moved = [use('sub/db'), uses[1] as ServiceSecrets];
    await room.prepare(stack, moved, userOf);
    await room.settle('web', true);
    const place = folderOf(moved[0] as ServiceSecrets, stack.secrets);
    assert.deepEqual(folders().toSorted(), [other, place].toSorted());
    assert.equal(read(place, 'sub/db'), 'a-value');
  });

  test('without a record, a folder that has to be made is one that was lost', async () => {
    await prepared('a-value');
    assert.deepEqual(await lostOf(), ['app'], 'containers of before this moment have nothing: there are none at first');
    await room.found('web', ['app']);
    rmSync(`${kept}/web.secrets.json`);
    rmSync(`${opened}/web`, { recursive: true });
    room = open();
    time += 1000;
    await prepared('a-value');
    assert.deepEqual((await room.lost()).get('web'), { app: time });
  });

  test('what is gone is restored for every version that may run', async () => {
    const first = await prepared('value-one', 1);
    await room.settle('web', true);
    const second = await prepared('value-two', 2);
    rmSync(`${opened}/web`, { recursive: true });
    room = open();
    await room.restore();
    assert.deepEqual([read(first), read(second)], ['value-one', 'value-two']);
    assert.deepEqual(await lostOf(), ['app']);
  });

  test('what is not to be opened changes nothing', async () => {
    const first = await prepared('value-one', 1);
    const before = readFileSync(`${kept}/web.secrets.json`, 'utf8');
    const stack = await stackWith('value-two', 2);
    const [secret] = stack.secrets as [DesiredSecret];
    const bad = { ...stack, secrets: [{ ...secret, digest: '0'.repeat(64) }] };
    await assert.rejects(room.prepare(bad, [use()], userOf), /not the one/);
    assert.equal(readFileSync(`${kept}/web.secrets.json`, 'utf8'), before);
    assert.deepEqual(folders(), [first]);
  });

  test('where copies are missing, nothing that can not be searched is told', async () => {
    await prepared('a-value');
    rmSync(`${opened}/web/@opened`, { recursive: true });
    assert.equal(room.redactor('web')('with a-value'), UNSEARCHED);
    await room.restore();
    assert.equal(room.redactor('web')('with a-value'), 'with [secret]');
    assert.equal(room.redactor('other')('of another stack'), 'of another stack');
  });

  test('what an agent of before folders had versions has opened goes on being used', async () => {
    await prepared('a-value');
    const path = `${kept}/web.secrets.json`;
    const { earlier: _, ...record } = JSON.parse(readFileSync(path, 'utf8'));
    const services = record.services.map(({ folder: __, ...service }: { folder: string }) => service);
    writeFileSync(path, JSON.stringify({ ...record, services, lost: {} }));
    rmSync(`${opened}/web`, { recursive: true });
    room = open();
    await room.restore();
    assert.deepEqual(folders(), ['app']);
    const now = await prepared('a-value');
    assert.deepEqual(folders().toSorted(), ['app', now]);
    await room.settle('web', true);
    assert.deepEqual(folders(), [now]);
  });
});
