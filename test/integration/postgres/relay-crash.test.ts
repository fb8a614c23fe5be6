// A relay that is killed with SIGKILL at each of its failpoints, again and again while others write: nothing is missing
// afterwards, and what is there twice is the same event. The control marks before it publishes, and must lose.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { newId } from '#infra/ids.ts';
import { startRelay } from '#infra/postgres/outbox.ts';
import { FAILPOINTS } from '#infra/postgres/relay-round.ts';
import { log, type OutboxFixture, outboxFixture, storedEvents } from './outbox-fixture.ts';
import type { ChildTask } from './relay-child.ts';

/** A hundred for each failpoint with OVERSEER_CRASH_ROUNDS=100. */
const ROUNDS = Number(process.env['OVERSEER_CRASH_ROUNDS'] ?? 5);
const WRITE_EVERY_MS = 20;
const CHILD = fileURLToPath(new URL('./relay-child.ts', import.meta.url));

let fixture: OutboxFixture;
before(async () => {
  fixture = await outboxFixture();
});
after(() => fixture?.stop());

/** Runs a relay until it has killed itself. */
function crash(dieAt: string, pass: number): Promise<NodeJS.Signals | null> {
  const { nats, databaseUrl } = fixture;
  const task: ChildTask = { data: nats.data, servers: nats.servers, ca: nats.ca, databaseUrl, dieAt, pass };
  const env = { ...process.env, RELAY_TASK: JSON.stringify(task) };
  const child = spawn(process.execPath, [CHILD], { env, stdio: 'inherit' });
  const killChild = () => child.kill('SIGKILL');
  process.on('exit', killChild);
  return new Promise((resolve) => {
    child.once('exit', (_, signal) => {
      process.off('exit', killChild);
      resolve(signal);
    });
  });
}

const nodes = Array.from({ length: 4 }, newId);
const generations = new Map<string, number>();
const owedIds: string[] = [];
let number = 0;

/** Little by little, so that a relay passes its failpoints often. */
async function writeUntil(crashed: Promise<unknown>): Promise<void> {
  let isOver = false;
  void crashed.then(() => {
    isOver = true;
  });
  while (!isOver) {
    for (const node of nodes) {
      owedIds.push(await fixture.owe(node, number++));
      const generation = (generations.get(node) ?? 0) + 1;
      generations.set(node, generation);
      await fixture.oweState(node, generation);
    }
    await pause(WRITE_EVERY_MS);
  }
}

for (const point of FAILPOINTS) {
  test(`killed ${ROUNDS} times at "${point}" while others write`, async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const crashed = crash(point, 1 + (round % 3));
      await writeUntil(crashed);
      assert.equal(await crashed, 'SIGKILL');
    }
  });
}

test('afterwards nothing is missing, and what is there twice is the same event', async () => {
  const buses = [await fixture.nats.connect('registry'), await fixture.nats.connect('scheduler')] as const;
  const relays = [
    startRelay({ database: fixture.database, bus: buses[0], service: 'registry', log }),
    startRelay({ database: fixture.database, bus: buses[1], service: 'scheduler', log }),
  ];
  await fixture.untilNothingIsOwed();
  await Promise.all(relays.map((relay) => relay.stop()));
  const events = await storedEvents(fixture.gateway);
  const found = new Map(events.map((event) => [event.id, event]));
  const missing = owedIds.filter((id) => !found.has(id));
  assert.deepEqual(missing, []);
  assert.equal(found.size, owedIds.length, 'no event that nobody owed');
  for (const event of events) assert.deepEqual(event, found.get(event.id));
  for (const [node, generation] of generations) {
    const stored = await buses[1].read('desired', { node });
    assert.equal(stored?.generation, generation);
    assert.equal(Buffer.from(stored?.payload ?? []).toString(), `document ${generation}`);
  }
});

test('of one subject no event comes before one that was owed earlier, but for repetitions', async () => {
  const events = await storedEvents(fixture.gateway);
  for (const node of nodes) {
    const seen = new Set<number>();
    let highest = -1;
    for (const { subject, data } of events) {
      if (subject !== `nodes/${node}`) continue;
      const at = Number(data['number']);
      if (seen.has(at)) continue;
      assert.ok(at > highest, `${at} after ${highest}`);
      seen.add(at);
      highest = at;
    }
  }
});

test('control: a relay that marks first loses events when it is killed', async () => {
  const ids = await Promise.all(nodes.map((node) => fixture.owe(node, number++)));
  assert.equal(await crash('marks-first', 1), 'SIGKILL');
  const relay = startRelay({
    database: fixture.database,
    bus: await fixture.nats.connect('registry'),
    service: 'registry',
    log,
  });
  await fixture.untilNothingIsOwed();
  await relay.stop();
  const found = new Set((await storedEvents(fixture.gateway)).map(({ id }) => id));
  assert.ok(
    ids.some((id) => !found.has(id)),
    'the control must lose',
  );
});
