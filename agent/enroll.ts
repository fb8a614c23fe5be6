// Enrollment: keys are made here, possession is proved by signing the token, the answer is checked against what the
// token says of the core. Interrupted anywhere, it is repeated with the same keys and ends as the same node.
import { createHash, X509Certificate } from 'node:crypto';
import { userKey } from '#infra/nats/credentials.ts';
import { signBytes } from '#infra/signing/ed25519.ts';
import { OverseerError } from '#subjects/errors.ts';
import type { Facts, RegistrationAnswer } from '#subjects/schema/node.ts';
import { readToken } from './enrollment-token.ts';
import { register } from './gateway.ts';
import { ageRecipient, ensureIdentity } from './identity.ts';
import { lockFolder } from './lock.ts';
import { type NodeFile, readNodeFile, writeNodeFile } from './node-file.ts';
import type { AgentFiles } from './settings.ts';

export interface Enrollment {
  readonly files: AgentFiles;
  /** Where the core is reached; as the token says when nobody gives one. */
  readonly url: string | undefined;
  readonly token: string;
  readonly facts: Facts;
  readonly agentVersion: string;
  now(): number;
}

export class AlreadyEnrolled extends Error {
  readonly node: NodeFile;

  constructor(node: NodeFile) {
    super(`this folder is enrolled already, as node ${node.name} (${node.id}) of ${node.url}`);
    this.node = node;
  }
}

/** @throws AlreadyEnrolled, FolderInUse, or OverseerError with what the core answered. The identity stays whatever happens. */
export async function enroll({ files, url, token, facts, agentVersion, now }: Enrollment): Promise<NodeFile> {
  const enrolled = await readNodeFile(files.node);
  if (enrolled) throw new AlreadyEnrolled(enrolled);
  const content = readToken(token);
  if (content === null) throw new OverseerError('token-unknown', 'this is no enrollment token; was all of it copied?');
  if (content.expiresAt < now() - CLOCK_LEEWAY_MS) {
    throw new OverseerError('token-expired', `the token expired at ${new Date(content.expiresAt).toISOString()}`);
  }
  const lock = lockFolder(files);
  try {
    return await redeem({ files, core: url ?? content.url, token, facts, agentVersion }, content.caFingerprint);
  } finally {
    lock.release();
  }
}

type Redeeming = Omit<Enrollment, 'url' | 'now'> & { readonly core: string };

async function redeem(
  { files, core, token, facts, agentVersion }: Redeeming,
  caFingerprint: string,
): Promise<NodeFile> {
  const identity = await ensureIdentity(files.identity);
  const key = userKey(identity.nkeySeed);
  const answer = await register(core, {
    token,
    publicKey: identity.publicKey,
    ageRecipient: await ageRecipient(identity),
    proof: signBytes('enrollment', Buffer.from(token), key.privateKey).toString('base64url'),
    agentVersion,
    facts,
  });
  checkAuthority(answer, caFingerprint);
  const node: NodeFile = {
    id: answer.node.id,
    name: answer.node.name,
    url: core,
    servers: answer.nats.servers,
    ca: answer.nats.ca,
    signer: answer.documentSigner,
    credential: answer.credential,
  };
  await writeNodeFile(files.node, node);
  return node;
}

/** The core judges the token's life by its own clock; ours only saves a call that can't succeed. */
const CLOCK_LEEWAY_MS = 5 * 60_000;

function checkAuthority(answer: RegistrationAnswer, fingerprint: string): void {
  let found: string;
  try {
    found = createHash('sha256').update(new X509Certificate(answer.nats.ca).raw).digest('hex');
  } catch {
    throw new OverseerError('forbidden', 'the answer holds no certificate of an authority');
  }
  if (found === fingerprint) return;
  throw new OverseerError(
    'forbidden',
    'the certificate that was answered is not the one the token names: something between here and the core changed it',
  );
}
