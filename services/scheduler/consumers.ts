// What the scheduler follows: facts and reports of nodes, each in a transaction of its own.
import type { DeadLetter, Stoppable } from '#infra/nats/bus.ts';
import { keepDeadLetter } from '#infra/postgres/outbox.ts';
import { NODE_FACTS, type NodeFact } from '#subjects/schema/cloud-event.ts';
import type { SchedulerParts } from './handlers.ts';
import { applyNodeFact } from './node-facts.ts';
import { applyReport } from './reports.ts';

/** For others: nothing is decided by them here. */
const IGNORED: ReadonlySet<NodeFact> = new Set([
  'credential-renewed',
  'agent-started',
  'document-rejected',
  'container-changed',
  'events-lost',
  'stack-drifted',
  'stack-corrected',
  'secrets-opened',
  'images-pruned',
  'checkpoint-refused',
]);

function concernsUs(fact: string): fact is NodeFact {
  return (NODE_FACTS as readonly string[]).includes(fact) && !IGNORED.has(fact as NodeFact);
}

interface Heard {
  /** A fact says too little: the registry must be asked. */
  compare(): void;
  /** Something that rollouts may have waited for. Most of what nodes tell is not: they report whenever anything changes. */
  moved(): void;
}

export function followNodes(parts: SchedulerParts, heard: Heard): Stoppable[] {
  const { bus, database, issuer } = parts;
  const deadLetter = (letter: DeadLetter) => database.transaction((em) => keepDeadLetter(em, 'scheduler', letter));
  return [
    bus.consume('nodeFact', {
      deadLetter,
      async handle({ body, parameters: { node, fact } }) {
        if (!concernsUs(fact)) return;
        const answer = await database.transaction((em) => applyNodeFact(em, issuer, node, fact, body));
        if (answer === 'compare') heard.compare();
        if (answer === 'moved') heard.moved();
      },
    }),
    bus.consume('nodeReport', {
      deadLetter,
      async handle({ body, parameters: { node }, streamSequence }) {
        const moved = await database.transaction((em) => applyReport(em, issuer, node, body, streamSequence));
        if (moved) heard.moved();
      },
    }),
  ];
}
