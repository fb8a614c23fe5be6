// Somebody with the scheduler's rights on the bus, but without its signing key, writes into the store of documents: an
// older genuine one, one of another key, rubbish. No agent follows, also not after a restart, and the core makes it good.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import type { Bus } from '#infra/nats/bus.ts';
import { openDocument, sealDocument } from '#infra/signing/document.ts';
import { newSigningKey, publicKeyFromRaw } from '#infra/signing/ed25519.ts';
import { asScheduler } from '#test/harness/credential.ts';
import { deploy, onlineNode } from '#test/harness/fleet.ts';
import { type Machine, startMachine } from '#test/harness/machine.ts';
import { idle } from '#test/harness/stacks.ts';
import { type System, startSystem } from '#test/harness/system.ts';
import { until } from '#test/harness/until.ts';

describe('a document that the core did not mean', () => {
  let machine: Machine;
  let system: System;
  let node: string;
  let bus: Bus;
  before(async () => {
    machine = await startMachine();
    system = await startSystem({ dockerHost: machine.dockerHost });
    node = (await onlineNode(system)).id;
    bus = await asScheduler(system);
  });
  after(async () => {
    await bus?.close();
    await system?.stop();
    await machine?.stop();
  });

  const stored = async () => {
    const found = await bus.read('desired', { node });
    assert.ok(found);
    return found;
  };

  /** Where the newest one stands, as an attacker would find it out. */
  async function write(payload: Uint8Array, generation: number): Promise<void> {
    const { streamSequence } = await stored();
    await bus.put('desired', { node }, payload, { expectedSequence: streamSequence, generation });
  }

  async function restartAgent(): Promise<void> {
    const killed = system.pid('agent');
    const reads = system.output().match(/desired document read/g)?.length ?? 0;
    system.kill('agent', 'SIGKILL');
    await until(() => (system.find('agent') ?? killed) !== killed, 15_000, 'another agent');
    const again = () => (system.output().match(/desired document read/g)?.length ?? 0) > reads;
    await until(again, 15_000, 'the new agent to read its document');
  }

  const rejected = () =>
    until(
      async () => {
        const { body } = await system.api('GET', `/api/nodes/${node}/status`);
        return body.conditions.some(
          (c: { type: string; status: boolean }) => c.type === 'document-rejected' && c.status,
        );
      },
      10_000,
      'the node to say that it refused a document',
    );

  test('an older genuine one is left, pushed or read', async () => {
    await deploy(system, 'kept', idle('older'), { nodes: [node] });
    const older = await stored();
    await deploy(system, 'kept', idle('newer'), { nodes: [node] });
    const newer = await stored();
    assert.ok((newer.generation ?? 0) > (older.generation ?? 0), 'control: it is older');
    const before = await machine.engine.identity();
    await write(older.payload, older.generation ?? 0);
    await restartAgent();
    assert.deepEqual(await machine.engine.identity(), before);
    const [container] = await machine.engine.containers();
    assert.ok(container?.environment.includes('MARK=newer'));
  });

  test('one that another key signed is refused and said, and nothing of it runs', async () => {
    const signer = publicKeyFromRaw(
      Buffer.from(readFileSync(`${system.data}/keys/document-signer.pub`, 'utf8').trim(), 'base64url'),
    );
    await deploy(system, 'kept', idle('genuine'), { nodes: [node] });
    const opened = openDocument((await stored()).payload, signer);
    assert.ok(opened.ok, 'control: the genuine one can be opened');
    const generation = opened.document.generation + 1;
    const stacks = opened.document.stacks.map((stack) => ({ ...stack, compose: idle('forged'), hash: 'f'.repeat(64) }));
    const before = await machine.engine.identity();
    await write(sealDocument({ ...opened.document, generation, stacks }, newSigningKey()).payload, generation);
    await rejected();
    await restartAgent();
    assert.deepEqual(await machine.engine.identity(), before);
  });

  test('rubbish is refused', async () => {
    const before = await machine.engine.identity();
    await write(Buffer.from('no document at all'), (await stored()).generation ?? 0);
    await rejected();
    await restartAgent();
    assert.deepEqual(await machine.engine.identity(), before);
  });

  test('the next change of an operator arrives all the same', async () => {
    await deploy(system, 'kept', idle('after all that'), { nodes: [node] });
    const [container] = await machine.engine.containers();
    assert.ok(container?.environment.includes('MARK=after all that'));
  });
});
