// The transactional outbox, writing side: what must reach the bus is a row in the transaction that made it true. The
// relay publishes it afterwards, however often the process is killed in between.
import type { BodyOf, DeadLetter, EventName, ParametersOf, StateName } from '#infra/nats/bus.ts';
import { contract } from '#subjects/contract.ts';
import { OverseerError } from '#subjects/errors.ts';
import type { Service } from '#subjects/principals.ts';
import { subjectOf } from '#subjects/subject.ts';
import type { EntityManager } from './orm.ts';
import { OutboxRow } from './outbox-entities.ts';

export { type RelayOptions, startRelay } from './relay.ts';

export interface OutgoingEvent<N extends EventName> {
  readonly service: Service;
  readonly message: N;
  readonly parameters: ParametersOf<N>;
  readonly body: BodyOf<N>;
}

export interface OutgoingState<N extends StateName> {
  readonly service: Service;
  readonly message: N;
  readonly parameters: ParametersOf<N>;
  readonly payload: Buffer;
  readonly generation: number;
}

function inTransaction(em: EntityManager): EntityManager {
  if (!em.isInTransaction()) throw new OverseerError('internal', 'an outbox row belongs into a transaction');
  return em;
}

/** @throws OverseerError `invalid-input` when the body does not match the contract: nothing unsendable is owed */
export async function enqueue<N extends EventName>(em: EntityManager, event: OutgoingEvent<N>): Promise<void> {
  const { service, message, parameters, body } = event;
  const entry = contract[message];
  const lane = subjectOf(entry.subject as string, parameters);
  const parsed = entry.schema.safeParse(body);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new OverseerError('invalid-input', `${message}: ${issue?.path.join('.')} ${issue?.message}`);
  }
  await inTransaction(em).insert(OutboxRow, {
    service,
    kind: 'event',
    message,
    parameters: parameters as Record<string, string>,
    lane,
    body: parsed.data,
  });
}

/** Of several states of one subject only the highest generation is owed. */
export async function enqueueState<N extends StateName>(em: EntityManager, state: OutgoingState<N>): Promise<void> {
  const { service, message, parameters, payload, generation } = state;
  await inTransaction(em).insert(OutboxRow, {
    service,
    kind: 'state',
    message,
    parameters: parameters as Record<string, string>,
    lane: subjectOf(contract[message].subject as string, parameters),
    body: null,
    payload,
    generation,
  });
}

/** Kept once, however often the same message is given up. */
export async function keepDeadLetter(em: EntityManager, service: Service, letter: DeadLetter): Promise<void> {
  const { stream, subject, streamSequence, payload, reason } = letter;
  await em.execute(
    `insert into dead_letter (service, stream, subject, stream_sequence, payload, reason) values (?, ?, ?, ?, ?, ?)
     on conflict do nothing`,
    [service, stream, subject, streamSequence, Buffer.from(payload), reason],
    'run',
  );
}
