// Queries whose values travel beside their text. MikroORM writes values into the text of a query; for megabytes of bytes
// that would be twice their size in hexadecimal, built and parsed each time.
import type { EntityManager } from './orm.ts';

type Compiled = Parameters<ReturnType<EntityManager['getKysely']>['executeQuery']>[0];

/** @param sql with `$1`, `$2`... @returns its rows; 64-bit numbers as text */
export async function query<Row>(em: EntityManager, sql: string, values: readonly unknown[] = []): Promise<Row[]> {
  const node = { kind: 'RawNode', sqlFragments: [sql], parameters: [] };
  const compiled = { sql, query: node, parameters: values, queryId: { queryId: '' } } as unknown as Compiled;
  return (await em.getKysely().executeQuery(compiled)).rows as Row[];
}
