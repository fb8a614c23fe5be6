// Who opens what the core keeps: its own vault (mode `managed`) and the holder of the recovery identity. The vault's
// identity lies in a file that only the scheduler reads; the recovery identity is nowhere here.
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isRecipient, open } from '#infra/sealing/age.ts';
import { keptIdentity } from '#infra/sealing/identity-file.ts';
import { OverseerError } from '#subjects/errors.ts';
import type { SecretMode } from '#subjects/schema/secret.ts';

export interface Vault {
  readonly recipient: string;
  /** The caller wipes it. @throws Error when it was not sealed for this vault */
  open(sealed: Uint8Array): Promise<Buffer>;
}

export interface SecretKeys {
  readonly mode: SecretMode;
  /** Null in mode `strict`. */
  readonly vault: Vault | null;
  /** Null when none is set. @throws OverseerError `policy-refused` when what is set is none */
  recovery(): Promise<string | null>;
}

export interface SecretSettings {
  readonly mode: SecretMode;
  /** Null: the one in the data folder, if there is one. */
  readonly recoveryRecipient: string | null;
}

async function vaultIn(data: string): Promise<Vault> {
  const folder = join(data, 'keys');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { identity, recipient } = await keptIdentity(join(folder, 'vault-identity'));
  return { recipient, open: (sealed) => open(sealed, identity) };
}

function recipientIn(file: string): string | null {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** @param data the core's data folder */
export async function secretKeys(data: string, { mode, recoveryRecipient }: SecretSettings): Promise<SecretKeys> {
  return {
    mode,
    vault: mode === 'managed' ? await vaultIn(data) : null,
    // Read each time: an operator may set it while the core runs.
    async recovery() {
      const recipient = recoveryRecipient ?? recipientIn(join(data, 'recovery-recipient'));
      if (recipient === null || (await isRecipient(recipient))) return recipient;
      throw new OverseerError('policy-refused', 'what is set as recovery recipient is no age recipient');
    },
  };
}
