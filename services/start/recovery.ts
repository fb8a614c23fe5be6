// The identity that opens every secret when the core is lost. Made at the first start, for its owner to take away: the
// services read its recipient alone.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { keptIdentity } from '#infra/sealing/identity-file.ts';
import { writeOnce } from '#infra/write-once.ts';

/**
 * Nothing is made when there is a recipient, named or in the data folder: its identity lies elsewhere, as it should.
 * @returns what the operator should read, once; null when nothing was made
 */
export async function makeRecovery(data: string, named: string | null): Promise<string | null> {
  const file = join(data, 'recovery-recipient');
  if (named !== null || existsSync(file)) return null;
  const identity = join(data, 'recovery-identity');
  const { recipient } = await keptIdentity(identity);
  // Last: a start that was killed before is made good by the next.
  writeOnce(file, `${recipient}\n`);
  return `Recovery identity of secrets: ${identity}
  It opens every secret without this core. Move it to a safe place; nothing here reads it.
`;
}
