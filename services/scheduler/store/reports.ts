// The last report of each node, and what it says of each stack.
import type { Report } from '#subjects/schema/report.ts';
import { ObservedRow, ReportRow } from './entities.ts';
import { type Em, rows } from './rows.ts';

/**
 * @returns false when a newer one is there, or the node was deregistered. Newer is what the stream has later; after the stream was made anew its
 * numbers begin again, so the node's own clock counts too.
 */
export async function saveReport(
  em: Em,
  node: string,
  report: Report,
  streamSequence: number,
  receivedAt: Date,
): Promise<boolean> {
  const saved = await rows(
    em,
    `insert into node_reports (node, report, stream_sequence, reported_at, received_at)
     select ?, ?::jsonb, ?, ?::timestamptz, ?::timestamptz
     where not exists (select 1 from placed_nodes where id = ? and removed)
     on conflict (node) do update set report = excluded.report, stream_sequence = excluded.stream_sequence,
       reported_at = excluded.reported_at, received_at = excluded.received_at
     where excluded.stream_sequence > node_reports.stream_sequence
        or excluded.reported_at > node_reports.reported_at
     returning node`,
    [node, JSON.stringify(report), streamSequence, report.at, receivedAt.toISOString(), node],
  );
  return saved.length > 0;
}

export async function saveObserved(em: Em, node: string, stacks: Report['stacks']): Promise<void> {
  const seen = JSON.stringify(
    stacks.map(({ name, phase, revision, reason, drift }) => ({ stack: name, phase, revision, reason, drift })),
  );
  await rows(
    em,
    `insert into observed_stacks (node, stack, phase, revision, reason, drift)
     select distinct on (stack) ?, stack, phase, revision, reason, drift
     from jsonb_to_recordset(?::jsonb) as s(stack text, phase text, revision int, reason text, drift jsonb)
     on conflict (node, stack) do update
       set phase = excluded.phase, revision = excluded.revision, reason = excluded.reason, drift = excluded.drift
     where (observed_stacks.phase, observed_stacks.revision, observed_stacks.reason, observed_stacks.drift)
       is distinct from (excluded.phase, excluded.revision, excluded.reason, excluded.drift)`,
    [node, seen],
  );
  await rows(em, 'delete from observed_stacks where node = ? and stack <> all (array[?]::text[])', [
    node,
    stacks.map(({ name }) => name),
  ]);
}

export async function lastReport(em: Em, node: string): Promise<Report | null> {
  const row = await em.findOne(ReportRow, { node }, { disableIdentityMap: true });
  return row?.report ?? null;
}

export function observedOf(em: Em, stacks: readonly string[]): Promise<ObservedRow[]> {
  return em.find(ObservedRow, { stack: { $in: [...stacks] } }, { disableIdentityMap: true });
}

/**
 * Nodes whose engine does not answer, with for how many milliseconds: by the node's clock until it reported, by ours since.
 * The condition is written as the index on these reports has it.
 */
export async function silentEngines(em: Em, now: Date): Promise<Map<string, number>> {
  const found = await rows<{ node: string; reportedAt: string | Date; receivedAt: string | Date; since: string }>(
    em,
    `select r.node, r.reported_at as "reportedAt", r.received_at as "receivedAt", c->>'since' as since
     from node_reports r, jsonb_array_elements(r.report->'conditions') c
     where r.report->'conditions' @> '[{"type": "docker-unresponsive"}]'
       and c->>'type' = 'docker-unresponsive' and (c->>'status')::boolean`,
  );
  const at = (time: string | Date) => new Date(time).getTime();
  return new Map(
    found.map(({ node, reportedAt, receivedAt, since }) => {
      const until = Math.max(0, at(reportedAt) - at(since));
      return [node, until + Math.max(0, now.getTime() - at(receivedAt))];
    }),
  );
}
