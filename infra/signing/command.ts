// Commands carry the scheduler's signature over all their other fields, those of their verb too.
import type { KeyObject } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { Command } from '#subjects/schema/command.ts';
import { isSignedBy, signBytes } from './ed25519.ts';

export type Unsigned<C extends Command> = Omit<C, 'signature'>;

function signedPart(command: object): Buffer {
  return Buffer.from(canonicalize({ ...command, signature: undefined }) as string);
}

export function signCommand<C extends Command>(command: Unsigned<C>, key: KeyObject): C {
  return { ...command, signature: signBytes('command', signedPart(command), key).toString('base64url') } as C;
}

export function isGenuineCommand(command: Command, signer: KeyObject): boolean {
  return isSignedBy('command', signedPart(command), Buffer.from(command.signature, 'base64url'), signer);
}
