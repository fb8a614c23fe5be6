// Address and secret of a target at rest: sealed by age to an identity of this service alone, because addresses of chat
// services are secrets, and a signing secret must be had in plain text when it signs.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { open, seal } from '#infra/sealing/age.ts';
import { keptIdentity } from '#infra/sealing/identity-file.ts';
import { OverseerError } from '#subjects/errors.ts';
import type { Address } from './request.ts';

export interface AddressVault {
  seal(address: Address): Promise<Buffer>;
  /** @throws OverseerError `internal` when it was sealed for another core */
  open(sealed: Buffer): Promise<Address>;
}

const Sealed = z.strictObject({ url: z.string(), secret: z.nullable(z.string()) });

/** @param data the core's data folder */
export async function addressVault(data: string): Promise<AddressVault> {
  const folder = join(data, 'keys');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { identity, recipient } = await keptIdentity(join(folder, 'notifications-identity'));
  return {
    seal: (address) => seal(Buffer.from(JSON.stringify(address)), [recipient]),
    async open(sealed) {
      try {
        return Sealed.parse(JSON.parse((await open(sealed, identity)).toString('utf8')));
      } catch {
        // Without its cause, which may hold what was opened.
        throw new OverseerError('internal', 'the address can not be opened with this key; set it again');
      }
    },
  };
}
