// The agent's link to the core on a real server: what happens at each connect, while it is away, and when it is refused.
import assert from 'node:assert/strict';
import { after, afterEach, before, suite, test } from 'node:test';
import { nodeCredential } from '#agent/credential.ts';
import { newId } from '#infra/ids.ts';
import { newUserKey } from '#infra/nats/credentials.ts';
import { signCommand } from '#infra/signing/command.ts';
import { newSigningKey } from '#infra/signing/ed25519.ts';
import { OverseerError } from '#subjects/errors.ts';
import type { CommandVerb } from '#subjects/schema/command.ts';
import type { Credential } from '#subjects/schema/node.ts';
import { until } from '#test/harness/until.ts';
import { eventsOf, heard, newNode, nodes, registry, scheduler, serveCore, server, signer, up } from './linked-node.ts';

suite('the link to the core', { timeout: 180_000 }, () => {
  before(serveCore);
  after(() => server.stop());
  afterEach(async () => {
    await Promise.all(nodes.splice(0).map(({ agent }) => agent.stop()));
  });

  test('at connect: hello with a nonce, heartbeat, report; then pushes take effect, each event arrives once', async () => {
    const node = await newNode();
    await node.desire(['one']);
    await node.start();
    await until(() => up(node).join() === 'one', 10_000, 'the stack of the first document');
    await node.desire(['one', 'two']);
    await until(() => up(node).join() === 'one,two', 10_000, 'the stack that was pushed');
    assert.equal(node.reads, 1);
    const { bootId } = node.agent.report();
    const ofBoot = <T extends { bootId: string }>(all: T[]) => all.filter((one) => one.bootId === bootId);
    await until(() => ofBoot(heard.hellos).length === 1, 5_000, 'hello');
    await until(
      () => ofBoot(heard.beats).some(({ observedGeneration }) => observedGeneration === 2),
      5_000,
      'heartbeats',
    );
    await until(
      () => ofBoot(heard.reports).some(({ observedGeneration }) => observedGeneration === 2),
      5_000,
      'a report',
    );
    // The first stack came with a deployment of its own each time.
    await until(
      () => eventsOf(node).filter(({ event }) => event.body.type === 'stack.settled').length === 3,
      5_000,
      'three outcomes',
    );
    const numbers = eventsOf(node).map(({ sequence }) => sequence);
    assert.deepEqual(
      numbers,
      numbers.map((_, index) => index + 1),
    );
  });

  test('while the server is away stacks go on; back again it reads once, and everything told meanwhile arrives once', async () => {
    const node = await newNode();
    await node.desire(['one']);
    await node.start();
    await until(() => up(node).join() === 'one', 10_000, 'the stack');
    await until(() => eventsOf(node).length >= 5, 10_000, 'its events');
    await server.kill();
    await until(() => !node.agent.isConnected, 10_000, 'the link to be seen gone');
    node.runtime.containers.clear();
    // Without events of an engine the loop looks once a minute: a restart looks at once.
    const before = node.reads;
    await server.restart();
    await until(() => node.agent.isConnected && node.reads > before, 20_000, 'the link to be back');
    await node.desire(['one', 'two']);
    await until(() => up(node).includes('two'), 10_000, 'the newest state');
    assert.equal(node.reads, before + 1);
    await until(
      () => {
        const numbers = eventsOf(node).map(({ sequence }) => sequence);
        return new Set(numbers).size === Math.max(...numbers);
      },
      10_000,
      'all events',
    );
  });

  test('without any core it runs what it held', async () => {
    const node = await newNode();
    await node.desire(['one']);
    await node.start();
    await until(() => up(node).join() === 'one', 10_000, 'the stack');
    await node.agent.stop();
    node.runtime.containers.clear();
    const away = () => Promise.reject(new OverseerError('unavailable', 'nobody'));
    await node.start({ connect: away });
    await until(() => up(node).join() === 'one', 10_000, 'the stack again');
    assert.equal(node.agent.report().document?.generation, 1);
  });

  test('documents of another signer, for another node or older are refused and said; the held one stays', async () => {
    const node = await newNode();
    await node.desire(['one']);
    await node.start();
    await until(() => up(node).join() === 'one', 10_000, 'the stack');
    await node.desire(['evil'], {}, newSigningKey());
    await node.desire(['other'], { node: newId() });
    await node.desire(['old'], { generation: 0 });
    const rejections = () => eventsOf(node).filter(({ event }) => event.body.type === 'document.rejected');
    await until(() => rejections().length === 2, 10_000, 'two refusals');
    assert.deepEqual(up(node), ['one']);
    assert.equal(node.agent.report().conditions[0]?.type, 'document-rejected');
    await node.desire(['one', 'two']);
    await until(() => up(node).join() === 'one,two', 10_000, 'a good one');
    assert.deepEqual(node.agent.report().conditions, []);
  });

  test('signed commands for this boot are carried out once; forged, foreign, late and repeated ones are refused', async () => {
    const node = await newNode();
    await node.desire(['one']);
    await node.start();
    const { bootId } = node.agent.report();
    const hello = await until(() => heard.hellos.find((one) => one.bootId === bootId), 10_000, 'hello');
    const make = (verb: CommandVerb, more: object = {}, key = signer) => {
      const expiresAt = new Date(Date.now() + 10_000).toISOString();
      return signCommand({ kind: 'command', id: newId(), node: node.id, verb, expiresAt, ...more }, key);
    };
    const send = (command: ReturnType<typeof make>) =>
      scheduler.request('refresh', { node: node.id, nonce: hello.nonce }, command).then(
        () => 'accepted',
        (error: unknown) => (error instanceof OverseerError ? error.code : 'broken'),
      );
    const reads = node.reads;
    const good = make('refresh');
    assert.equal(await send(good), 'accepted');
    await until(() => node.reads === reads + 1, 5_000, 'the document to be read again');
    assert.equal(await send(good), 'forbidden');
    assert.equal(await send(make('refresh', {}, newSigningKey())), 'forbidden');
    assert.equal(await send(make('refresh', { node: newId() })), 'forbidden');
    assert.equal(await send(make('renew')), 'forbidden');
    assert.equal(await send(make('refresh', { expiresAt: new Date(Date.now() - 1000).toISOString() })), 'forbidden');
    assert.equal(node.reads, reads + 1);
  });

  test('a credential is renewed at two thirds of its life, and the link goes on with it', async () => {
    const issuedAt = new Date(Date.now() - 60_000);
    const node = await newNode({ issuedAt, expiresAt: new Date(Date.now() + 20_000) });
    const renewed = Promise.withResolvers<void>();
    const serving = registry.serve('renewCredential', async (_, { parameters }) => {
      assert.equal(parameters.node, node.id);
      renewed.resolve();
      const expiresAt = new Date(Date.now() + 3600_000);
      return { jwt: credential, expiresAt: expiresAt.toISOString() };
    });
    const { seed } = newUserKey();
    const credential = server.mint('node', node.id, { seed }).jwt();
    const first = server.mint('node', node.id, { seed, issuedAt, expiresAt: new Date(Date.now() + 20_000) }).jwt();
    const kept: Credential[] = [];
    const expiresAt = new Date(Date.now() + 20_000).toISOString();
    const own = nodeCredential(seed, { jwt: first, expiresAt }, async (next) => void kept.push(next));
    await node.start({ credential: own });
    // It was due before there was a link: asked for as soon as there is one.
    await renewed.promise;
    await until(() => kept.length === 1 && node.agent.isConnected, 10_000, 'the link with the new credential');
    assert.equal(own.jwt(), credential);
    await serving.stop();
  });

  for (const [answer, outcome] of [
    ['a new credential', 'connected'],
    ['that it was deregistered', 'left alone'],
  ] as const) {
    test(`with a credential that has ended it asks over HTTP; answered ${answer} it is ${outcome}`, async () => {
      const node = await newNode();
      const { seed } = newUserKey();
      const past = new Date(Date.now() - 1000);
      const jwt = server.mint('node', node.id, { seed, expiresAt: past }).jwt();
      let asked = 0;
      await node.start({
        credential: nodeCredential(seed, { jwt, expiresAt: past.toISOString() }, async () => {}),
        async reauthenticate(proof) {
          asked += 1;
          assert.equal(proof.node, node.id);
          if (outcome === 'left alone') throw new OverseerError('node-revoked', 'deregistered');
          const expiresAt = new Date(Date.now() + 3600_000).toISOString();
          return { jwt: server.mint('node', node.id, { seed }).jwt(), expiresAt };
        },
      });
      await until(() => asked === 1, 10_000, 'the question');
      if (outcome === 'connected') await until(() => node.agent.isConnected, 10_000, 'the link');
      else assert.equal(node.agent.isConnected, false);
    });
  }
});
