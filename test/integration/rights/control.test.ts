// The same attacks where they must succeed: without accounts between the parties, and with literal imports of strangers.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startTestBus } from '#test/harness/nats.ts';
import { attack } from './attack.ts';
import { A, type Actor, B, seed } from './stage.ts';
import { literalImports, oneAccount } from './weakened.ts';

const node: Actor = { principal: 'node', name: A };
const logs: Actor = { principal: 'logs', name: 'logs' };

test('in one account a node overwrites, purges and speaks as others', async () => {
  const bus = await startTestBus(oneAccount);
  try {
    await seed(bus);
    const { damage, forged } = await attack(bus, node);
    const about = (text: string) => damage.filter((line) => line.includes(text));
    const standing = damage.filter((line) => !line.endsWith('(gone)'));
    assert.ok(
      standing.some((line) => line.startsWith(`message overseer.desired.${B}`)),
      "B's document was not overwritten",
    );
    assert.ok(
      standing.some((line) => line.startsWith(`message overseer.up.${B}.report`)),
      "B's report was not forged",
    );
    assert.ok(about('(gone)').length > standing.length / 2, 'nothing was purged or deleted');
    const heard = new Set(forged.map(([victim, { subject }]) => `${victim.principal} ${subject}`));
    assert.ok(heard.has(`registry overseer.up.${B}.heartbeat`), 'the registry did not hear A as B');
  } finally {
    await bus.stop();
  }
});

test('in one account a core service does the same', async () => {
  const bus = await startTestBus(oneAccount);
  try {
    await seed(bus);
    const { damage } = await attack(bus, logs);
    assert.ok(
      damage.some((line) => line.includes(`message overseer.desired.${B}`)),
      "B's document was not overwritten",
    );
    assert.ok(
      damage.some((line) => line.startsWith('stream ') || line.includes('(gone)')),
      'nothing was deleted',
    );
  } finally {
    await bus.stop();
  }
});

test('in one account a reader empties durables and streams that are not its own', async () => {
  const bus = await startTestBus(oneAccount);
  try {
    await seed(bus);
    const { damage } = await attack(bus, { principal: 'reader', name: 'r-one' });
    assert.ok(
      damage.some((line) => line.includes('(gone)')),
      'nothing was purged or deleted',
    );
  } finally {
    await bus.stop();
  }
});

test('with literal imports in FLEET a reply reaches the store and the registry as B', async () => {
  const bus = await startTestBus(literalImports);
  try {
    await seed(bus);
    const { damage, forged } = await attack(bus, node);
    assert.ok(
      damage.some((line) => line.startsWith(`message overseer.up.${B}.report NODE_REPORTS`)),
      "B's report was not forged",
    );
    const heard = forged.map(([victim, { subject }]) => `${victim.principal} ${subject}`);
    assert.ok(heard.includes(`registry overseer.up.${B}.heartbeat`), 'the registry did not hear A as B');
  } finally {
    await bus.stop();
  }
});
