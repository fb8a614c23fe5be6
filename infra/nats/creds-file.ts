// A user's key and JWT in the file form that every NATS client and tool reads (`.creds`).
import { keyFromSeed, newKey } from './keys.ts';

/** The seed is a secret; it stays with whoever made it. */
export interface UserNkey {
  readonly seed: string;
  readonly publicKey: string;
}

export function newUserNkey(): UserNkey {
  const { seed, publicKey } = newKey('user');
  return { seed, publicKey };
}

/** @throws when the text is no seed of a user */
export function userNkey(text: string): UserNkey {
  const { seed, publicKey } = keyFromSeed(text);
  if (!publicKey.startsWith('U')) throw new TypeError('a seed of something else than a user');
  return { seed, publicKey };
}

const WARNING = `************************* IMPORTANT *************************
NKEY Seed printed below can be used to sign and prove identity.
NKEYs are sensitive and should be treated as secrets.
`;

export function credsText(jwt: string, seed: string): string {
  return `-----BEGIN NATS USER JWT-----
${jwt}
------END NATS USER JWT------

${WARNING}
-----BEGIN USER NKEY SEED-----
${seed}
------END USER NKEY SEED------
`;
}
