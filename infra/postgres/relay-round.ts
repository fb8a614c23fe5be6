// One round of the relay, in one transaction: take rows, publish each, mark those that the store acknowledged. A crash
// anywhere leaves rows unmarked, never marked and unsent. Rows of one subject (a lane) keep their order: whoever has
// locked the oldest unsent row of a lane has the lane.

import { relayed } from '#infra/metrics.ts';
import type { Bus, EventName } from '#infra/nats/bus.ts';
import { contract } from '#subjects/contract.ts';
import type { Entry } from '#subjects/define.ts';
import { OverseerError } from '#subjects/errors.ts';
import type { Service } from '#subjects/principals.ts';
import type { Database, EntityManager } from './orm.ts';
import type { RelayOptions } from './relay.ts';
import { putNewest } from './relay-state.ts';

/** In the order in which a round passes them. */
export const FAILPOINTS = ['taken', 'publishing', 'published', 'marked', 'committed'] as const;
export type Failpoint = (typeof FAILPOINTS)[number];

export interface OwedRow {
  readonly id: string;
  readonly kind: 'event' | 'state';
  readonly message: string;
  readonly parameters: Record<string, string>;
  readonly lane: string;
  readonly body: unknown;
  readonly payload: Buffer | null;
  readonly generation: string | null;
}

export type Outcome = 'sent' | 'superseded' | 'refused';
export type Settled = ReadonlyMap<string, Outcome>;

/** Published side by side. The store takes about twice as many messages a second from 64 writers as from 16. */
const LANES = 64;
const ROWS = 256;
/** A leader that is lost stops writes for up to seven seconds. */
const EMIT_TIMEOUT_MS = 10_000;
const KEPT_AFTER_SENDING = '1 hour';

/** Sending these again would fail again. */
const HOPELESS: ReadonlySet<string> = new Set(['invalid-input', 'invalid-name', 'too-large', 'document-too-large']);

async function take(em: EntityManager, service: Service): Promise<OwedRow[]> {
  const heads = await em.execute<{ id: string; lane: string }[]>(
    `select id, lane from outbox o where service = ? and sent_at is null and not exists (
       select 1 from outbox e where e.service = o.service and e.lane = o.lane and e.sent_at is null and e.id < o.id)
     order by id limit ${LANES} for update skip locked`,
    [service],
  );
  if (heads.length === 0) return [];
  return em.execute<OwedRow[]>(
    `select o.id, o.kind, o.message, o.parameters, o.lane, o.body, o.payload, o.generation
     from outbox o join jsonb_to_recordset(?::jsonb) as h(id bigint, lane text) on o.lane = h.lane and o.id >= h.id
     where o.service = ? and o.sent_at is null order by o.id limit ${ROWS} for update of o`,
    [JSON.stringify(heads), service],
  );
}

/** It was when it was written; the contract may have changed since. */
function isSendable({ message, body }: OwedRow): boolean {
  const entry: Entry | undefined = (contract as Record<string, Entry>)[message];
  return entry?.kind === 'event' && entry.schema.safeParse(body).success;
}

async function emitInOrder(
  bus: Bus,
  rows: readonly OwedRow[],
  settle: (row: OwedRow, outcome: Outcome) => void,
): Promise<void> {
  for (const row of rows) {
    if (!isSendable(row)) {
      settle(row, 'refused');
      continue;
    }
    try {
      const parameters = row.parameters as never;
      await bus.emit(row.message as EventName, parameters, row.body as never, { timeoutMs: EMIT_TIMEOUT_MS });
      settle(row, 'sent');
    } catch (error) {
      if (!(error instanceof OverseerError && HOPELESS.has(error.code))) throw error;
      settle(row, 'refused');
    }
  }
}

/** Marks by what was acknowledged; the payload of a state is kept by its owner's own table. */
async function mark(em: EntityManager, settled: Settled): Promise<void> {
  if (settled.size === 0) return;
  await em.execute(
    `update outbox o set sent_at = now(), outcome = v.outcome,
       payload = case when v.outcome = 'refused' then o.payload end
     from jsonb_to_recordset(?::jsonb) as v(id bigint, outcome text) where o.id = v.id`,
    [JSON.stringify([...settled].map(([id, outcome]) => ({ id, outcome })))],
    'run',
  );
}

export interface Round {
  readonly hasMore: boolean;
  /** Why a row is still owed. */
  readonly failed: unknown;
}

export async function relayRound(options: RelayOptions): Promise<Round> {
  const { database, bus, service, log, failpoint = () => {} } = options;
  const round = await database.transaction(async (em) => {
    const rows = await take(em, service);
    if (rows.length === 0) return { hasMore: false, failed: null };
    await failpoint('taken');
    const settled = new Map<string, Outcome>();
    const settle = (row: OwedRow, outcome: Outcome) => {
      settled.set(row.id, outcome);
      relayed.inc({ service, message: row.message, outcome });
      if (outcome === 'refused') log.error({ row: row.id, lane: row.lane }, 'an outbox row can never be sent');
    };
    await failpoint('publishing');
    const lanes = Object.values(Object.groupBy(rows, (row) => row.lane)) as OwedRow[][];
    const results = await Promise.allSettled(
      lanes.map((lane) =>
        lane[0]?.kind === 'state' ? putNewest(bus, lane, settle, log) : emitInOrder(bus, lane, settle),
      ),
    );
    await failpoint('published');
    await mark(em, settled);
    await failpoint('marked');
    const failure = results.find((result) => result.status === 'rejected');
    return { hasMore: true, failed: failure?.reason ?? null };
  });
  if (round.hasMore) await failpoint('committed');
  return round;
}

export async function purgeSent(database: Database, service: Service): Promise<void> {
  await database.transaction((em) =>
    em.execute(
      `delete from outbox where service = ? and outcome <> 'refused'
       and sent_at < now() - interval '${KEPT_AFTER_SENDING}'`,
      [service],
      'run',
    ),
  );
}
