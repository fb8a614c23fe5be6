// A node-to-be without an agent: its key, its proof, its registration. For tests of the enrollment itself and for those
// who need a real node's credential in their own hands.
import { generateIdentity, identityToRecipient } from 'age-encryption';
import { type CredentialSource, credentialOf, newUserKey, userKey } from '#infra/nats/credentials.ts';
import { signBytes } from '#infra/signing/ed25519.ts';
import { expectStatus } from './fleet.ts';
import type { System } from './system.ts';

export interface Applicant {
  readonly seed: string;
  readonly publicKey: string;
  readonly ageRecipient: string;
}

export async function newApplicant(): Promise<Applicant> {
  return { ...newUserKey(), ageRecipient: await identityToRecipient(await generateIdentity()) };
}

/** What an agent would post. */
export function registration({ seed, publicKey, ageRecipient }: Applicant, token: string) {
  const facts = { hostname: 'by-hand', os: 'linux', arch: 'x64', kernel: '6', cpus: 1, memoryBytes: 1 };
  const proof = signBytes('enrollment', Buffer.from(token), userKey(seed).privateKey).toString('base64url');
  return { token, publicKey, ageRecipient, proof, agentVersion: '0.0.0', facts };
}

export interface Enrolled {
  readonly node: string;
  readonly servers: string[];
  readonly ca: string;
  readonly credential: CredentialSource;
}

/** Enrolled as a real node, with nobody behind it. */
export async function enrollByHand(system: System): Promise<Enrolled> {
  const { token } = expectStatus(await system.api('POST', '/api/enrollment-tokens', {}), 200, 201).body;
  const applicant = await newApplicant();
  const answer = await system.api('POST', '/api/nodes/register', registration(applicant, token), { token: null });
  const { node, credential, nats } = expectStatus(answer, 200, 201).body;
  return {
    node: node.id,
    servers: nats.servers,
    ca: nats.ca,
    credential: credentialOf(credential.jwt, applicant.seed),
  };
}
