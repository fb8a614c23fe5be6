import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeSecret } from '#infra/nats/vault.ts';

/** Made on first start, 256 random bits; whoever can read the file may do everything. */
export function adminToken(data: string): { file: string; token: string } {
  const file = join(data, 'admin-token');
  if (!existsSync(file)) writeSecret(file, `ovs_${randomBytes(32).toString('base64url')}\n`);
  return { file, token: readFileSync(file, 'utf8').trim() };
}
