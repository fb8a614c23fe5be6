// What the scheduler counts, for its status.
import { type Em, rows } from './rows.ts';

export async function counts(em: Em): Promise<Record<string, number>> {
  const [row] = await rows<Record<string, string | number>>(
    em,
    `select (select count(*) from stacks where removed_at is null) as stacks,
            (select count(*) from placed_nodes where not removed) as nodes,
            (select count(*) from desired_documents) as documents,
            (select count(*) from deployments where state in ('pending', 'progressing')) as deployments_open`,
  );
  return Object.fromEntries(Object.entries(row ?? {}).map(([name, value]) => [name, Number(value)]));
}
