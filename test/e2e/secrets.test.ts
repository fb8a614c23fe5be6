// The whole way of a secret: by the CLI into a container, rotated, refused, and in mode strict held back until its owner says.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { ended, expectStatus, onlineNode, put } from '#test/harness/fleet.ts';
import { type Machine, startMachine } from '#test/harness/machine.ts';
import { TEST_IMAGE } from '#test/harness/stacks.ts';
import { type System, startSystem } from '#test/harness/system.ts';
import { overseer } from '#test/unit/cli/run.ts';

const STRATEGY = { strategy: { stabilitySeconds: 1 } };
const COMPOSE = `services:
  reader:
    image: ${TEST_IMAGE}
    init: true
    command: ["sleep", "100000"]
    secrets: [db]
  other:
    image: ${TEST_IMAGE}
    init: true
    command: ["sleep", "100000"]
secrets:
  db: {external: true}
`;

interface World {
  readonly machine: Machine;
  readonly system: System;
  readonly node: string;
  cli(line: string, input?: string): ReturnType<typeof overseer>;
  /** In the container of that service. */
  read(service: string): Promise<string | null>;
  stop(): Promise<void>;
}

async function startWorld(env: Readonly<Record<string, string>> = {}): Promise<World> {
  const machine = await startMachine();
  const system = await startSystem({ dockerHost: machine.dockerHost, env });
  const { id: node } = await onlineNode(system);
  return {
    ...{ machine, system, node },
    cli: (line, input = '') =>
      overseer(system, line.split(' '), {
        input,
        env: { OVERSEER_TOKEN: system.token, INIT_CWD: system.data },
      }),
    async read(service) {
      const found = (await machine.engine.containers()).find((one) => one.service === service);
      if (!found) return null;
      try {
        return execFileSync('docker', ['exec', found.id, 'cat', '/run/secrets/db'], {
          env: { PATH: process.env['PATH'], DOCKER_HOST: machine.dockerHost },
          encoding: 'utf8',
          stdio: ['ignore', 'pipe', 'ignore'],
        });
      } catch {
        return null;
      }
    },
    async stop() {
      await system.stop();
      await machine.stop();
    },
  };
}

describe('mode managed', () => {
  let world: World;
  before(async () => {
    world = await startWorld();
  });
  after(() => world?.stop());

  test('the first start made a recovery identity and told so once', () => {
    const { data } = world.system;
    const identity = join(data, 'recovery-identity');
    assert.equal(statSync(identity).mode & 0o777, 0o600);
    assert.equal(world.system.output().split('Recovery identity of secrets').length - 1, 1);
    assert.ok(!world.system.output().includes(readFileSync(identity, 'utf8').split('\n')[1] as string));
    assert.ok(existsSync(join(data, 'recovery-recipient')));
  });

  test('a stack that needs a secret is refused until there is one', async () => {
    const { system, node, cli } = world;
    const body = { compose: COMPOSE, targets: { nodes: [node] }, ...STRATEGY };
    const refused = await system.api('PUT', '/api/stacks/web', body);
    assert.equal(expectStatus(refused, 404).body.code, 'secret-not-found');
    assert.equal(refused.body.secret, 'db');
    const { code, err } = await cli('secret set db', 'first value');
    assert.equal(code, 0, err);
    assert.equal(err, '', 'nothing to warn of');
  });

  test('it is a file in the container of the service that names it, and of no other', async () => {
    const { system, node, machine, read } = world;
    const { deployment } = await put(system, 'web', COMPOSE, { nodes: [node] }, STRATEGY);
    const outcome = await ended(system, deployment);
    assert.equal(outcome.state, 'succeeded', JSON.stringify(outcome));
    assert.equal(await read('reader'), 'first value');
    assert.equal(await read('other'), null);
    const [container] = (await machine.engine.containers()).filter(({ service }) => service === 'reader');
    assert.ok(container);
    assert.ok(!JSON.stringify(container.environment).includes('first value'));
  });

  test('a new version recreates the service that reads it, and no other', async () => {
    const { system, machine, cli, read } = world;
    const before = await machine.engine.identity();
    const { code, err } = await cli('secret set db', 'second value');
    assert.equal(code, 0, err);
    const deployment = /web: deployment ([a-z2-7]{26})/.exec(err)?.[1];
    assert.ok(deployment, err);
    assert.equal((await ended(system, deployment)).state, 'succeeded');
    assert.equal(await read('reader'), 'second value');
    const now = await machine.engine.identity();
    assert.deepEqual(
      Object.keys(now).filter((key) => now[key] !== before[key]),
      ['web/reader'],
    );
  });

  test('it is not removed while it is used; its owner reads it back with the recovery identity alone', async () => {
    const { system, cli } = world;
    assert.equal((await cli('secret rm db -y')).code, 5);
    const opened = await cli('secret recovery open db --identity recovery-identity');
    assert.equal(opened.code, 0, opened.err);
    assert.equal(opened.out, 'second value');
    renameSync(join(system.data, 'recovery-identity'), join(system.data, 'taken-away'));
    await system.shutDown();
    await system.start();
    assert.ok(!existsSync(join(system.data, 'recovery-identity')), 'no other takes its place');
    await onlineNode(system);
    assert.equal((await cli('secret set db', 'third value')).code, 0);
    const again = await cli('secret recovery open db --identity taken-away');
    assert.equal(again.out, 'third value');
  });
});

describe('mode strict', () => {
  let world: World;
  before(async () => {
    world = await startWorld({ OVERSEER_SECRETS_MODE: 'strict' });
  });
  after(() => world?.stop());

  test('a node waits, says so, and goes on once its owner has sealed for it', async () => {
    const { system, node, cli, read } = world;
    assert.ok(!existsSync(join(system.data, 'keys/vault-identity')));
    assert.equal((await cli('secret set db', 'strict value')).code, 0);
    const { deployment } = await put(system, 'web', COMPOSE, { nodes: [node] }, STRATEGY);
    const waited = await ended(system, deployment);
    assert.equal(waited.state, 'failed');
    assert.match(JSON.stringify(waited), /secret db is not sealed for this node yet/);
    assert.match((await cli('secret ls')).out, /1 nodes/);
    const rewrapped = await cli('secret rewrap --identity recovery-identity');
    assert.equal(rewrapped.code, 0, rewrapped.err);
    const { body } = await system.api('GET', '/api/stacks/web');
    assert.notEqual(body.deployment, deployment);
    const outcome = await ended(system, body.deployment);
    assert.equal(outcome.state, 'succeeded', JSON.stringify(outcome));
    assert.equal(await read('reader'), 'strict value');
    assert.doesNotMatch((await cli('secret ls')).out, /1 nodes/);
  });
});
