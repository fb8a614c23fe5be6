// The node's credential while the agent runs: the newest JWT beside the key that never changes.
import { type CredentialSource, userKey } from '#infra/nats/credentials.ts';
import { signBytes } from '#infra/signing/ed25519.ts';
import type { Credential, Reauthentication } from '#subjects/schema/node.ts';
import { type Life, lifeOf } from './credential-life.ts';

export interface NodeCredential extends CredentialSource {
  life(): Life;
  /** Resolves when it will be found again after a restart; used from then on. */
  replace(next: Credential): Promise<void>;
  /** That the holder of the key asks for a new credential, now. */
  proveOwnership(node: string, at: string): Reauthentication;
}

export function nodeCredential(
  seed: string,
  first: Credential,
  keep: (next: Credential) => Promise<void>,
): NodeCredential {
  const key = userKey(seed);
  let current = first;
  return {
    jwt: () => current.jwt,
    sign: (nonce) => key.sign(nonce),
    life: () => lifeOf(current.jwt, current.expiresAt),
    async replace(next) {
      await keep(next);
      current = next;
    },
    proveOwnership(node, at) {
      const proof = signBytes('reauthentication', Buffer.from(`${node}\n${at}`), key.privateKey).toString('base64url');
      return { node, at, proof };
    },
  };
}
