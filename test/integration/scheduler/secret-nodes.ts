// What the tests of secrets share: nodes with keys, values set as the gateway sets them, secrets opened as agents open them.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type KeyPair, newKeyPair, open } from '#infra/sealing/age.ts';
import { checkEnvelope } from '#infra/sealing/envelope.ts';
import { sealedFor } from '#services/gateway/secret-sealing.ts';
import type { DesiredDocument } from '#subjects/schema/desired.ts';
import type { Node } from '#subjects/schema/node.ts';
import type { DesiredSecret, PutSecretAnswer } from '#subjects/schema/secret.ts';
import { formsOf } from '#test/harness/canaries.ts';
import { unpacked } from '#test/harness/unpacked.ts';
import { type Core, operator } from './core.ts';

export const COMPOSE = `
services:
  web:
    image: busybox
    secrets: [db]
secrets:
  db: { external: true }
`;

export interface Keyed {
  readonly node: Node;
  readonly keys: KeyPair;
}

export async function enroll(core: Core, name: string): Promise<Keyed> {
  const keys = await newKeyPair();
  return { keys, node: await core.enroll(name, { ageRecipient: keys.recipient }) };
}

/** As the gateway does it. */
export async function set(core: Core, name: string, value: string): Promise<PutSecretAnswer> {
  const to = await core.ask('secretRecipients', { name });
  const sealed = await sealedFor(name, Buffer.from(value), to);
  return core.ask('putSecret', { by: operator(), name, description: null, ...sealed });
}

export function secretOf(document: DesiredDocument, stack = 'web', name = 'db'): DesiredSecret {
  const found = document.stacks.find((one) => one.name === stack)?.secrets.find((one) => one.name === name);
  assert.ok(found, `secret ${name} of ${stack}`);
  return found;
}

/** What the agent does with it. */
export async function opened({ node, keys }: Keyed, stack: string, secret: DesiredSecret): Promise<string> {
  assert.ok(secret.sealed !== null && secret.digest !== null, 'it waits');
  const file = Buffer.from(secret.sealed, 'base64');
  assert.equal(createHash('sha256').update(file).digest('hex'), secret.digest);
  const expected = { secret: secret.secret, version: secret.version, node: node.id, stack };
  const checked = checkEnvelope(await open(file, keys.identity), expected);
  assert.ok(checked.ok, checked.ok ? '' : checked.reason);
  return checked.value.toString();
}

export const hasVersion =
  (version: number, stack = 'web') =>
  (document: DesiredDocument) =>
    document.stacks.some((one) => one.name === stack && one.secrets.some((secret) => secret.version === version));

export const refusedAs = (code: string) => (error: { code?: string }) => error.code === code;

/** Every row of every table, bytes unpacked. */
export async function dump(core: Core): Promise<string> {
  const em = core.database.em();
  const tables = (await em.execute(
    `select tablename as name from pg_tables where schemaname = 'public'`,
  )) as unknown as { name: string }[];
  const parts: string[] = [];
  for (const { name } of tables) {
    const rows = (await em.execute(`select * from "${name}"`)) as unknown as Record<string, unknown>[];
    for (const value of rows.flatMap((row) => Object.values(row))) {
      parts.push(Buffer.isBuffer(value) ? `${unpacked(value)} ${value.toString('hex')}` : JSON.stringify(value));
    }
  }
  return parts.join('\n');
}

export function filesBelow(folder: string): string {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name)).toString('latin1'))
    .join('\n');
}

export const foundIn = (text: string, value: string) => formsOf(value).filter((form) => text.includes(form));
