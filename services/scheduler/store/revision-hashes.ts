// What is known of revisions without their content.
import { type Em, rows } from './rows.ts';

/** Of these revisions: the hash of the content, and the deployment that brought it. */
export async function revisionHashes(
  em: Em,
  stack: string,
  revisions: readonly number[],
): Promise<Map<number, { hash: string; deployment: string }>> {
  const found = await rows<{ revision: number; hash: string; deployment: string }>(
    em,
    'select revision, hash, deployment from revisions where stack = ? and revision in (?)',
    [stack, [...new Set(revisions)]],
  );
  return new Map(found.map(({ revision, hash, deployment }) => [revision, { hash, deployment }]));
}
