// What the holder of the recovery identity does, on the own machine: the identity never leaves it.
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { bodyOf, type Schemas } from '#clients/sdk/client.ts';
import { type KeyPair, newKeyPair, open } from '#infra/sealing/age.ts';
import { sealEnvelope } from '#infra/sealing/envelope.ts';
import { identityText, readIdentity } from '#infra/sealing/identity-file.ts';
import { inParts } from '#infra/sealing/parts.ts';
import { EXIT, Failure } from './failure.ts';
import type { Session } from './session.ts';

type Recovery = Schemas['SecretRecovery'];

/** @throws Failure */
export async function identityIn({ folder }: Session, file: string): Promise<KeyPair> {
  try {
    return await readIdentity(resolve(folder, file));
  } catch (error) {
    throw new Failure(EXIT.usage, `The identity can't be read: ${error instanceof Error ? error.message : error}`);
  }
}

/** @throws Failure when there is a file already: what was sealed for it could be lost for ever */
export async function newIdentity({ folder }: Session, file: string): Promise<KeyPair> {
  const made = await newKeyPair();
  try {
    writeFileSync(resolve(folder, file), identityText(made), { flag: 'wx', mode: 0o600, flush: true });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw new Failure(EXIT.conflict, `${file} is there already; it is never written over.`);
    throw new Failure(EXIT.failed, `${file} can't be written: ${message}`);
  }
  return made;
}

export function recoveryOf({ api }: Session, name: string): Promise<Recovery> {
  return bodyOf(api.GET('/api/secrets/{name}/recovery', { params: { path: { name } } }));
}

/** The value itself; the caller wipes it. @throws Failure */
export async function opened({ name, version, sealed }: Recovery, { identity }: KeyPair): Promise<Buffer> {
  try {
    return await open(Buffer.from(sealed, 'base64'), identity);
  } catch {
    throw new Failure(
      EXIT.access,
      `This identity does not open ${name} version ${version}: it was not sealed for it.`,
      'Set the secret again; from then on it is sealed for the recovery recipient of this core.',
    );
  }
}

type Place = Recovery['waiting'][number];
type ForNode = Schemas['RewrapBody']['nodes'][number];

async function sealedFor(session: Session, recovery: Recovery, places: readonly Place[], identity: KeyPair) {
  const { name, version } = recovery;
  const value = await opened(recovery, identity);
  const sealed: ForNode[] = [];
  try {
    for (const { node, stack, recipient } of places) {
      const bytes = await sealEnvelope({ secret: name, version, node, stack }, value, recipient).catch(() => null);
      if (bytes === null) session.note(`${node}: what it told as its recipient is none`);
      else sealed.push({ node, stack, sealed: bytes.toString('base64') });
    }
  } finally {
    value.fill(0);
  }
  return sealed;
}

/** The core tells of those that wait in portions. @returns how many of them got it */
export async function rewrap(session: Session, name: string, identity: KeyPair): Promise<number> {
  const tried = new Set<string>();
  let count = 0;
  for (;;) {
    const recovery = await recoveryOf(session, name);
    const { version } = recovery;
    const keyOf = ({ node, stack }: Place) => `${node} ${stack} ${version}`;
    const places = recovery.waiting.filter((place) => !tried.has(keyOf(place)));
    if (places.length === 0) return count;
    const sealed = await sealedFor(session, recovery, places, identity);
    for (const nodes of inParts(sealed).filter(({ length }) => length > 0)) {
      const call = { params: { path: { name } }, body: { version, nodes } };
      await bodyOf(session.api.POST('/api/secrets/{name}/rewrap', call));
    }
    for (const place of places) tried.add(keyOf(place));
    count += sealed.length;
  }
}
