// What somebody asked for is stored while they wait, or not at all.
import assert from 'node:assert/strict';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { imageReference } from '#services/scheduler/images/reference.ts';
import { registries } from '#services/scheduler/images/registry.ts';
import { lockPlacement } from '#services/scheduler/store/rows.ts';
import { OverseerError } from '#subjects/errors.ts';
import type { StackSpec } from '#subjects/schema/stack.ts';
import { COMPOSE, type Core, operator, startCore } from './core.ts';

let core: Core;
let hung: Server;
let host: string;
const sockets = new Set<Socket>();
before(async () => {
  core = await startCore();
  await core.startScheduler();
  hung = createServer((socket) => sockets.add(socket));
  await new Promise<void>((resolve) => hung.listen(0, '127.0.0.1', resolve));
  host = `127.0.0.1:${(hung.address() as AddressInfo).port}`;
});
after(async () => {
  for (const socket of sockets) socket.destroy();
  hung.close();
  await core?.stop();
});

const put = (name: string, spec: Partial<StackSpec>, withinMs: number) =>
  core.ask('putStack', {
    by: operator(),
    name,
    spec: { targets: { selector: {} }, ...spec },
    onRevision: null,
    withinMs,
  });

async function isTooLate(work: Promise<unknown>): Promise<void> {
  await assert.rejects(work, (error: unknown) => {
    assert.ok(error instanceof OverseerError, String(error));
    assert.equal(error.code, 'timeout', error.message);
    assert.match(error.message, /nothing was stored/);
    return true;
  });
}

async function isNotThere(name: string): Promise<void> {
  await assert.rejects(core.ask('getStack', { name }), (error: { code?: string }) => error.code === 'stack-not-found');
}

describe('a put that takes longer than anybody waits', () => {
  test('for its repository, says so in time', async () => {
    const began = performance.now();
    await isTooLate(put('far', { source: { repository: `http://${host}/x.git`, ref: 'main' } }, 1500));
    assert.ok(performance.now() - began < 15_000);
    await isNotThere('far');
  });

  test('for its registries', async () => {
    const compose = `services:\n  web:\n    image: ${host}/web:1\n`;
    await isTooLate(put('pinned', { compose, images: { policy: 'notify' } }, 2500));
    await isNotThere('pinned');
  });

  test('for its turn, is not stored when that comes', async () => {
    const lock = core.database.em().fork();
    await lock.begin();
    await lockPlacement(lock);
    const late = isTooLate(put('queued', { compose: COMPOSE }, 2000));
    await pause(3000);
    await lock.commit();
    await late;
    await isNotThere('queued');
    assert.equal((await put('queued', { compose: COMPOSE }, 30_000)).revision, 1, 'the control: in time it is');
  });
});

test('a registry is asked only as long as somebody waits', async () => {
  const image = imageReference(`${host}/web:1`);
  assert.ok(image);
  const began = performance.now();
  await assert.rejects(registries([]).digestOf(image, null, AbortSignal.timeout(200)), /while somebody waited/);
  assert.ok(performance.now() - began < 10_000);
});
