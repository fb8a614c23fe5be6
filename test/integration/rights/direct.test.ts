// Every principal publishes and subscribes everything there is, on a real server: what the server allows is exactly what
// the contract yields, no cell more and none less.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startTestBus, type TestBus } from '#test/harness/nats.ts';
import { A, ACTORS, type Actor, B, covers, open, rightsOf } from './stage.ts';
import { contractSubjects, systemSubjects } from './subjects.ts';
import type { Wire } from './wire.ts';

let bus: TestBus;
before(async () => {
  bus = await startTestBus();
});
after(() => bus.stop());

const SUBJECTS = [...new Set([...contractSubjects([A, B, '*']), ...systemSubjects()])];
const STRANGERS = 'strangers';
/** Commands sent before their answers are read: a server closes a connection that does not read. */
const BATCH = 200;

type Cell = readonly [way: 'publish' | 'subscribe' | 'queue', subject: string, queue: string | null];

function isExpected(actor: Actor, [way, subject, queue]: Cell): boolean {
  const rights = rightsOf(actor);
  if (way === 'publish') return rights.publish.some((right) => covers(right, subject));
  return rights.subscribe.some(
    (right) => covers(right.subject, subject) && (right.queue === undefined || right.queue === queue),
  );
}

function cellOf(refusal: string): string {
  const published = /^Permissions Violation for Publish to "(.*)"$/.exec(refusal);
  if (published) return `publish ${published[1]} `;
  const found = /^Permissions Violation for Subscription to "(.*?)"(?: using queue "(.*)")?$/.exec(refusal);
  if (found) return `${found[2] === undefined ? 'subscribe' : 'queue'} ${found[1]} ${found[2] ?? ''}`;
  throw new Error(`not understood: ${refusal}`);
}

function attempt(wire: Wire, [way, subject, queue]: Cell): void {
  if (way === 'publish') wire.publish(subject, { payload: '{}' });
  else wire.unsubscribe(wire.subscribe(subject, queue ?? undefined));
}

/** It may change one durable, and by a reply all of the store, as the provisioner: it lives for one call. */
const readerProvisioner: Actor = { principal: 'reader-provisioner', name: 'r-one' };

for (const actor of [...ACTORS, readerProvisioner]) {
  test(`${actor.principal}: ${SUBJECTS.length} subjects, four ways each`, async () => {
    const wire = await open(bus, actor);
    const cells = SUBJECTS.flatMap((subject): Cell[] => [
      ['publish', subject, null],
      ['subscribe', subject, null],
      ['queue', subject, actor.principal],
      ['queue', subject, STRANGERS],
    ]);
    for (let start = 0; start < cells.length; start += BATCH) {
      for (const cell of cells.slice(start, start + BATCH)) attempt(wire, cell);
      await wire.settled();
    }
    assert.equal(wire.isClosed, false);
    const refused = new Set(wire.refusals.map(cellOf));
    const key = ([way, subject, queue]: Cell) => `${way} ${subject} ${queue ?? ''}`;
    const wrong = cells.filter((cell) => refused.has(key(cell)) === isExpected(actor, cell));
    assert.deepEqual(wrong.map(key), [], 'cells that are not as the contract yields');
    const allowed = cells.filter((cell) => !refused.has(key(cell)));
    // The control: a server that allows nothing, or a comparison that sees nothing, would pass otherwise.
    assert.ok(allowed.length > 0 && allowed.length < cells.length / 2, `${allowed.length} allowed`);
    wire.close();
  });
}
