// Secrets of stacks as nodes get them. What was sealed once is stored and used again, so that a document made a second
// time has the same bytes; what is missing is sealed by the vault, or waits.

import { record } from '#infra/postgres/audit.ts';
import { sealEnvelope } from '#infra/sealing/envelope.ts';
import type { DesiredSecret } from '#subjects/schema/secret.ts';
import type { Issuer } from '../issuer.ts';
import type { Run } from '../placement.ts';
import type { Content } from '../specification.ts';
import { nodesById } from '../store/nodes.ts';
import type { Em } from '../store/rows.ts';
import { type NodeSecret, nodeSecretPlaces, nodeSecrets, saveNodeSecret, sealedVersion } from '../store/secrets.ts';
import type { Vault } from './keys.ts';
import { secretNames } from './used.ts';

export interface SecretUser {
  readonly stack: string;
  readonly run: Pick<Run, 'resolution'>;
  readonly content: Content;
}

/** One secret for one stack on one node. */
export interface Wanted {
  readonly name: string;
  readonly version: number;
  readonly node: string;
  readonly stack: string;
}

const keyOf = ({ name, version, node, stack }: Wanted) => `${name}@${version} ${node} ${stack}`;
const usesAny = (users: readonly SecretUser[]) => users.some(({ content }) => secretNames(content).length > 0);

function wantedBy(node: string, users: readonly SecretUser[]): Wanted[] {
  return users.flatMap(({ stack, run, content }) =>
    secretNames(content).flatMap((name) => {
      const version = run.resolution.secrets[name];
      return version === undefined ? [] : [{ name, version, node, stack }];
    }),
  );
}

/** Null when the vault can't open it: it was set when there was none, or another. */
async function opened(em: Em, vault: Vault, name: string, version: number): Promise<Buffer | null> {
  const sealed = await sealedVersion(em, name, version);
  return sealed === null ? null : vault.open(sealed).catch(() => null);
}

/** Null when the node's recipient is none: then this node waits, and no other is held up by it. */
function sealedFor({ name, version, node, stack }: Wanted, value: Buffer, recipient: string): Promise<Buffer | null> {
  return sealEnvelope({ secret: name, version, node, stack }, value, recipient).catch(() => null);
}

async function recordSealed(em: Em, issuer: Issuer, { name, version, node, stack }: Wanted): Promise<void> {
  const actor = { kind: 'system' as const, id: 'scheduler', requestId: issuer.newId() };
  const detail = { version, node, stack };
  const what = { actor, action: 'secret.seal', object: `secrets/${name}`, outcome: 'accepted', detail } as const;
  await record(em, 'scheduler', what, issuer.now());
}

/**
 * Seals what is missing, each value opened once for all of its places. Without a vault nothing happens.
 * @returns those that got something
 */
export async function sealPlaces(em: Em, issuer: Issuer, missing: readonly Wanted[]): Promise<Wanted[]> {
  const { vault } = issuer;
  if (vault === null || missing.length === 0) return [];
  const nodes = [...new Set(missing.map(({ node }) => node))].sort();
  const recipients = new Map((await nodesById(em, nodes)).map(({ id, ageRecipient }) => [id, ageRecipient ?? null]));
  const given: Wanted[] = [];
  for (const places of Map.groupBy(missing, ({ name, version }) => `${name}@${version}`).values()) {
    const { name, version } = places[0] as Wanted;
    const value = await opened(em, vault, name, version);
    if (value === null) continue;
    try {
      for (const { node, stack } of places) {
        const place = { name, version, node, stack };
        const recipient = recipients.get(node) ?? null;
        const sealed = recipient === null ? null : await sealedFor(place, value, recipient);
        if (!sealed || !(await saveNodeSecret(em, { ...place, sealed }))) continue;
        given.push(place);
        await recordSealed(em, issuer, place);
      }
    } finally {
      value.fill(0);
    }
  }
  return given;
}

/** What these nodes lack, before their documents are made one by one. */
export async function sealMissing(
  em: Em,
  issuer: Issuer,
  users: ReadonlyMap<string, readonly SecretUser[]>,
): Promise<void> {
  if (issuer.vault === null) return;
  const wanted = [...users].flatMap(([node, own]) => wantedBy(node, own));
  const nodes = [...new Set(wanted.map(({ node }) => node))];
  const known = new Set((await nodeSecretPlaces(em, nodes)).map(keyOf));
  const missing = wanted.filter((one) => !known.has(keyOf(one)));
  await sealPlaces(em, issuer, missing);
}

export function desired(user: SecretUser, node: string, stored: ReadonlyMap<string, NodeSecret>): DesiredSecret[] {
  const { stack, run, content } = user;
  return Object.entries(content.secrets ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { secret, services, environment }]) => {
      const version = run.resolution.secrets[secret] ?? 0;
      const found = stored.get(keyOf({ name: secret, version, node, stack }));
      return {
        ...{ name, secret, version, environment },
        services: services === null ? null : [...services],
        sealed: found?.sealed.toString('base64') ?? null,
        digest: found?.digest ?? null,
      };
    });
}

/** By stack. Sealed for the node when that was not done before. */
export async function secretsFor(
  em: Em,
  issuer: Issuer,
  node: string,
  users: readonly SecretUser[],
): Promise<ReadonlyMap<string, readonly DesiredSecret[]>> {
  if (!usesAny(users)) return new Map(users.map(({ stack }) => [stack, []]));
  await sealMissing(em, issuer, new Map([[node, users]]));
  const stored = new Map((await nodeSecrets(em, [node])).map((secret) => [keyOf(secret), secret]));
  return new Map(users.map((user) => [user.stack, desired(user, node, stored)]));
}
