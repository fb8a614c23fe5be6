// Commands carry the scheduler's signature over all their other fields.
import type { KeyObject } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { Command } from '#subjects/schema/command.ts';
import { isSignedBy, signBytes } from './ed25519.ts';

function signedPart(command: Omit<Command, 'signature'>): Buffer {
  const { kind, id, node, verb, expiresAt } = command;
  return Buffer.from(canonicalize({ kind, id, node, verb, expiresAt }) as string);
}

export function signCommand(command: Omit<Command, 'signature'>, key: KeyObject): Command {
  return { ...command, signature: signBytes('command', signedPart(command), key).toString('base64url') };
}

export function isGenuineCommand(command: Command, signer: KeyObject): boolean {
  return isSignedBy('command', signedPart(command), Buffer.from(command.signature, 'base64url'), signer);
}
