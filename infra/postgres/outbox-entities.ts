// Tables that every service with a database has: what it still owes the bus, and what it could not handle.
import { defineEntity, type InferEntity, p } from '@mikro-orm/core';

export const OutboxRow = defineEntity({
  name: 'OutboxRow',
  tableName: 'outbox',
  properties: {
    id: p.bigint('number').primary().autoincrement(),
    /** Whose it is; only that service's credential may publish it. */
    service: p.string(),
    kind: p.string().$type<'event' | 'state'>(),
    message: p.string(),
    parameters: p.json<Record<string, string>>(),
    /** Rows with the same one are published in their order. */
    lane: p.string(),
    body: p.json<unknown>().nullable(),
    payload: p.blob().nullable(),
    generation: p.bigint('number').nullable(),
    createdAt: p.datetime().onCreate(() => new Date()),
    sentAt: p.datetime().nullable(),
    outcome: p.string().$type<'sent' | 'superseded' | 'refused'>().nullable(),
  },
});
export type OutboxRow = InferEntity<typeof OutboxRow>;

export const DeadLetterRow = defineEntity({
  name: 'DeadLetterRow',
  tableName: 'dead_letter',
  properties: {
    id: p.bigint('number').primary().autoincrement(),
    service: p.string(),
    stream: p.string(),
    subject: p.string(),
    streamSequence: p.bigint('number'),
    payload: p.blob(),
    reason: p.text(),
    at: p.datetime().onCreate(() => new Date()),
  },
});
