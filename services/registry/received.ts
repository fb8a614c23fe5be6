// What nodes send into streams: events, which become node facts once each, and reports, of which the registry keeps what
// describes the node.

import { deadLetters } from '#infra/metrics.ts';
import type { BodyOf, DeadLetter, Delivery, Stoppable } from '#infra/nats/bus.ts';
import { keepDeadLetter } from '#infra/postgres/outbox.ts';
import { contract } from '#subjects/contract.ts';
import { subjectOf } from '#subjects/subject.ts';
import { coreFact, lostFact, toldFact } from './node-facts.ts';
import { nodeView } from './node-view.ts';
import { describe } from './nodes.ts';
import { type RegistryParts, tell } from './parts.ts';
import { lockNode } from './store/nodes.ts';
import { forgetEvents, forgetGaps, isFirstTime, noteGap, takeGaps } from './store/spools.ts';

async function setAside({ database }: RegistryParts, letter: DeadLetter): Promise<void> {
  await database.transaction((em) => keepDeadLetter(em, 'registry', letter));
  deadLetters.inc({ service: 'registry', stream: letter.stream });
}

export async function takeEvent(parts: RegistryParts, delivery: Delivery<'nodeEvent'>): Promise<void> {
  const { body, position, streamSequence } = delivery;
  const { node } = delivery.parameters;
  if (position === null) {
    // Without its place in the spool nobody can tell whether it was seen before.
    const subject = subjectOf(contract.nodeEvent.subject, { node });
    const payload = Buffer.from(JSON.stringify(body));
    return setAside(parts, { stream: 'NODE_EVENTS', subject, streamSequence, payload, reason: 'no place in a spool' });
  }
  await parts.database.transaction(async (em) => {
    if (!(await isFirstTime(em, node, position, parts.now()))) return;
    await noteGap(em, node, position, parts.now());
    if (body.body.type === 'events.lost') await forgetGaps(em, node, position.epoch, body.body);
    await tell(em, toldFact(node, body, position, parts.newId()));
  });
}

export async function takeReport(parts: RegistryParts, node: string, report: BodyOf<'nodeReport'>): Promise<void> {
  const { agentVersion, bootId, observedGeneration, facts } = report;
  await parts.database.transaction(async (em) => {
    const row = await lockNode(em, node);
    if (row === null || row.removedAt) return;
    const isNews = describe(row, agentVersion, facts);
    Object.assign(row, { bootId, observedGeneration });
    const stamp = { id: parts.newId(), at: parts.now() };
    if (isNews) await tell(em, coreFact(nodeView(row, parts.watch.live(node)), 'updated', stamp));
  });
}

export function receive(parts: RegistryParts): Stoppable[] {
  const deadLetter = (letter: DeadLetter) => setAside(parts, letter);
  return [
    parts.bus.consume('nodeEvent', { handle: (delivery) => takeEvent(parts, delivery), deadLetter }),
    parts.bus.consume('nodeReport', {
      handle: ({ body, parameters: { node } }) => takeReport(parts, node, body),
      deadLetter,
    }),
  ];
}

/** Gaps that nothing has filled become facts: what was lost is told. */
export async function tellGaps({ database, log, now, newId }: RegistryParts): Promise<void> {
  await database.transaction(async (em) => {
    for (const { node, from, to, missing } of await takeGaps(em, now())) {
      if (missing === 0) continue;
      log.warn({ node, from, to, missing }, 'events of a node never arrived');
      const reason = `${missing} of these never reached the core`;
      await tell(em, lostFact(node, { from, to, reason }, { id: newId(), at: now() }));
    }
    await forgetEvents(em, now());
  });
}
