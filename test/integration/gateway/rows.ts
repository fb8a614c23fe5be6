// A fleet as the scheduler's own tables hold it: many more rows than a test could bring about one by one.
import { newId } from '#infra/ids.ts';
import type { Core } from '#test/integration/scheduler/core.ts';

const EMPTY = {
  rollout: { batch: null, maxUnavailable: null, pauseSeconds: 0, gate: 'healthy' },
  ...{ dependsOn: [], images: null, source: null, given: null },
};
const HASH = 'f'.repeat(64);

export interface Rows {
  readonly nodes: readonly string[];
  stacks(count: number, reason: string | null): Promise<void>;
  /** The same steps on each node; `{node}` in a line is the node's number. @returns its id */
  deployment(steps: number, lines: (step: number) => string[]): Promise<string>;
}

export async function rowsOf(core: Core, count: number): Promise<Rows> {
  const nodes = Array.from({ length: count }, newId).sort();
  const run = (sql: string, parameters: unknown[]) => core.database.em().execute(sql, parameters);
  const config = { labels: {}, heartbeatSeconds: 10, paused: false, drained: false };
  const named = nodes.map((id, index) => ({ id, config: { ...config, name: `node-${index}` } }));
  // Deregistered, so that no scheduler finds that they should have other documents, or none.
  await run(
    `insert into placed_nodes (id, config, liveness, removed, told_at, liveness_at)
     select id, config, 'online', true, now(), now() from jsonb_to_recordset(?::jsonb) as n(id text, config jsonb)`,
    [JSON.stringify(named)],
  );
  const made = (table: string, rows: readonly object[]) =>
    run(
      `insert into ${table} select (jsonb_populate_record(null::${table}, r)).* from jsonb_array_elements(?::jsonb) r`,
      [JSON.stringify(rows)],
    );
  const now = new Date().toISOString();
  return {
    nodes,
    async stacks(many, reason) {
      const stacks = Array.from({ length: many }, (_, index) => `stack-${String(index).padStart(3, '0')}`);
      await made(
        'stacks',
        stacks.map((name) => ({
          ...{ name, revision: 1, state: 'running', content_hash: HASH, hash: HASH, stopped_hash: HASH },
          ...{
            targets: { selector: { role: 'none' } },
            settings: EMPTY,
            resolution: { pins: {}, secrets: {} },
            stopped_nodes: [],
          },
          ...{ image_state: [], created_at: now, updated_at: now, removed_volumes: false },
        })),
      );
      await run(
        `insert into assignments (node, stack, kind, revision, state, hash, volumes)
         select n.id, s.name, 'run', 1, 'running', s.hash, false from placed_nodes n cross join stacks s`,
        [],
      );
      await run(
        `insert into observed_stacks (node, stack, phase, revision, reason)
         select n.id, s.name, 'running', 1, ? from placed_nodes n cross join stacks s`,
        [reason],
      );
    },
    async deployment(steps, lines) {
      const id = newId();
      const about = { stack: 'web', kind: 'apply', revision: 1, created_at: now, created_by: 'admin' };
      await made('deployments', [
        { ...about, id, state: 'succeeded', finished_at: now, approved_batch: 0, cancelled: false },
      ]);
      await made(
        'deployment_targets',
        nodes.map((node) => ({
          ...{ deployment: id, node, stack: 'web', action: 'run', generation: 1, state: 'succeeded' },
          ...{ parked: false, finished_at: now, batch: 1 },
        })),
      );
      const told = Array.from({ length: steps }, (_, at) => {
        const step = `step-${at}`;
        return [
          { step, sequence: 3 * at, kind: 'started', told: { why: 'revision 1 is new here' } },
          { step, sequence: 3 * at + 1, kind: 'output', told: { lines: lines(at) } },
          { step, sequence: 3 * at + 2, kind: 'finished', told: { outcome: 'ok', reason: null, exitCode: 0 } },
        ];
      }).flat();
      await run(
        `insert into deployment_step_events (deployment, node, sequence, kind, step, at, told, lines, dropped, bytes)
         select ?, n.id, r.sequence, r.kind, r.step, now(),
           replace(r.told::text, '{node}', substr(n.config->>'name', 6))::jsonb,
           jsonb_array_length(coalesce(r.told->'lines', '[]')), 0, octet_length(r.told::text)
         from placed_nodes n
           cross join jsonb_to_recordset(?::jsonb) as r(step text, sequence int, kind text, told jsonb)`,
        [id, JSON.stringify(told)],
      );
      return id;
    },
  };
}
