// A user's key and JWT in the file form that every NATS client and tool reads (`.creds`).
import { newKey } from './keys.ts';

/** The seed is a secret; it stays with whoever made it. */
export function newUserNkey(): { readonly seed: string; readonly publicKey: string } {
  const { seed, publicKey } = newKey('user');
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
