// What the scheduler answers about secrets. It is given age files and gives age files: no message carries a value.
import { record } from '#infra/postgres/audit.ts';
import { OverseerError } from '#subjects/errors.ts';
import type { Actor } from '#subjects/schema/actor.ts';
import type * as schema from '#subjects/schema/secret.ts';
import type { SchedulerParts } from '../handlers.ts';
import type { Issuer } from '../issuer.ts';
import { redeploy } from '../stacks.ts';
import { nodesById } from '../store/nodes.ts';
import { type Em, lockPlacement } from '../store/rows.ts';
import { type SecretPlace, secretUses, stacksThatNeed, waitingPlaces } from '../store/secret-uses.ts';
import {
  addVersion,
  findSecret,
  forgetSecret,
  forgetVersions,
  saveNodeSecret,
  sealedVersion,
} from '../store/secrets.ts';
import { findStack } from '../store/stacks.ts';
import { deployAgain, type Given, giveOut } from './again.ts';
import { placesPage, secretList } from './views.ts';
import { warningsOf } from './warnings.ts';

/** As many as one call seals anew; who has sealed these asks for the next. */
const WAITING_TOLD = 1000;
/** How every age file begins. */
const AGE = Buffer.from('age-encryption.org/v1\n');

function notSet(name: string): OverseerError {
  return new OverseerError('secret-not-found', `there is no secret ${name}`, { fields: { secret: name } });
}

/** @throws OverseerError `invalid-input` for what is no age file: nothing else is ever stored */
function ageFile(sealed: string): Buffer {
  const bytes = Buffer.from(sealed, 'base64');
  if (bytes.subarray(0, AGE.length).equals(AGE)) return bytes;
  throw new OverseerError('invalid-input', 'the value is not sealed', { fields: { path: 'sealed' } });
}

function recorded(em: Em, issuer: Issuer, by: Actor, action: string, name: string, detail: Record<string, number>) {
  const what = { actor: by, action, object: `secrets/${name}`, outcome: 'accepted', detail } as const;
  return record(em, 'scheduler', what, issuer.now());
}

async function recipients(
  parts: SchedulerParts,
  { name, cursor }: schema.GetSecretRecipients,
): Promise<schema.SecretRecipients> {
  const { database, secrets } = parts;
  const recovery = await secrets.recovery();
  if (secrets.vault === null && recovery === null) {
    throw new OverseerError('policy-refused', 'in mode strict a secret needs a recovery recipient, and none is set', {
      fields: { setting: 'OVERSEER_RECOVERY_RECIPIENT' },
    });
  }
  const core = [secrets.vault?.recipient ?? null, recovery].filter((one) => one !== null);
  return database.read(async (em) => ({
    mode: secrets.mode,
    core,
    version: ((await findSecret(em, name))?.version ?? 0) + 1,
    ...(secrets.mode === 'strict' ? await placesPage(em, name, cursor) : { nodes: [], nextCursor: null }),
  }));
}

/** Only for nodes that are there: what is given for others is nobody's. @returns those for which it was missing */
async function storeForNodes(
  em: Em,
  { name, version, nodes }: Pick<schema.PutSecret, 'name' | 'version' | 'nodes'>,
): Promise<Given[]> {
  const known = new Set((await nodesById(em, [...new Set(nodes.map(({ node }) => node))])).map(({ id }) => id));
  const stored: Given[] = [];
  for (const { node, stack, sealed } of nodes) {
    if (!known.has(node)) continue;
    if (await saveNodeSecret(em, { name, version, node, stack, sealed: ageFile(sealed) })) stored.push({ node, stack });
  }
  return stored;
}

/** One deployment for each stack that uses it, now with this version. */
async function deployed(em: Em, issuer: Issuer, name: string, version: number, by: Actor) {
  const deployments: schema.PutSecretAnswer['deployments'] = [];
  for (const { stack } of await secretUses(em, [name])) {
    const row = await findStack(em, stack);
    if (!row) continue;
    const { pins, secrets } = row.resolution;
    const resolution = { pins, secrets: { ...secrets, [name]: version } };
    const { deployment, changed } = await redeploy(em, issuer, stack, { resolution }, by);
    if (changed && deployment !== null) deployments.push({ stack, deployment });
  }
  return deployments;
}

/** @throws OverseerError `conflict` when another version came first: the caller seals again */
async function putSecret(parts: SchedulerParts, request: schema.PutSecret): Promise<schema.PutSecretAnswer> {
  const { database, issuer, secrets } = parts;
  const { by, name, version, description } = request;
  const sealed = ageFile(request.sealed);
  if (secrets.vault) {
    const value = await secrets.vault.open(sealed).catch((error: unknown) => {
      throw new OverseerError('conflict', 'the value was not sealed for this core', { cause: error });
    });
    value.fill(0);
  }
  const recovery = await secrets.recovery();
  return database.transaction(async (em) => {
    await lockPlacement(em);
    const expected = ((await findSecret(em, name))?.version ?? 0) + 1;
    if (version !== expected) {
      throw new OverseerError('conflict', `the next version of secret ${name} is ${expected}`, {
        fields: { expected },
      });
    }
    await addVersion(em, { name, version, description, sealed, by: by.id, at: issuer.now() });
    await storeForNodes(em, request);
    const deployments = request.more === true ? [] : await deployed(em, issuer, name, version, by);
    await forgetVersions(em, name, version);
    await recorded(em, issuer, by, 'secret.put', name, { version, stacks: deployments.length });
    return { name, version, deployments, warnings: await warnings(em, name, recovery) };
  });
}

async function warnings(em: Em, name: string, recovery: string | null): Promise<string[]> {
  const [uses, waiting] = [await secretUses(em, [name]), await waitingPlaces(em, [name])];
  return warningsOf({ name, uses, waiting, recovery });
}

async function removeSecret(em: Em, issuer: Issuer, { by, name }: schema.RemoveSecret): Promise<void> {
  await lockPlacement(em);
  const secret = await findSecret(em, name);
  if (!secret) throw notSet(name);
  const stacks = await stacksThatNeed(em, name);
  if (stacks.length > 0) {
    throw new OverseerError('secret-in-use', `secret ${name} is used by ${stacks.join(', ').slice(0, 500)}`, {
      fields: { stacks },
    });
  }
  await forgetSecret(em, name);
  await recorded(em, issuer, by, 'secret.remove', name, { version: secret.version });
}

async function recoveryOf(em: Em, name: string): Promise<schema.SecretRecovery> {
  const secret = await findSecret(em, name);
  const sealed = secret && (await sealedVersion(em, name, secret.version));
  if (!secret || !sealed) throw notSet(name);
  const { version } = secret;
  const waiting = (await waitingPlaces(em, [name])).flatMap((place): SecretPlace[] => {
    const { node, stack, recipient } = place;
    return place.version === version && recipient !== null ? [{ node, stack, recipient }] : [];
  });
  return { name, version, sealed: sealed.toString('base64'), waiting: waiting.slice(0, WAITING_TOLD) };
}

/** Of a version that came in parts, the stacks that do not have it yet; of any, those that waited. */
async function deployedWith(em: Em, issuer: Issuer, request: schema.RewrapSecret, isNewest: boolean) {
  const { by, name, version, stacks = [] } = request;
  const fresh = isNewest ? await deployed(em, issuer, name, version, by) : [];
  const done = new Set(fresh.map(({ stack }) => stack));
  const others = stacks.filter((stack) => !done.has(stack));
  return [...fresh, ...(await deployAgain(em, issuer, others, by))];
}

async function rewrapSecret(parts: SchedulerParts, request: schema.RewrapSecret): Promise<schema.RewrapSecretAnswer> {
  const { database, issuer, secrets } = parts;
  const { by, name, version, more = false, stacks = [] } = request;
  const recovery = await secrets.recovery();
  return database.transaction(async (em) => {
    await lockPlacement(em);
    const secret = await findSecret(em, name);
    if (!secret) throw notSet(name);
    if (!(await sealedVersion(em, name, version))) {
      throw new OverseerError('conflict', `version ${version} of secret ${name} is gone`);
    }
    const given = await storeForNodes(em, request);
    await giveOut(em, issuer, given);
    const all = [...new Set([...stacks, ...given.map(({ stack }) => stack)])];
    const isNewest = secret.version === version;
    const deployments = more ? [] : await deployedWith(em, issuer, { ...request, stacks: all }, isNewest);
    await recorded(em, issuer, by, 'secret.rewrap', name, { version, nodes: given.length });
    return { deployments, warnings: await warnings(em, name, recovery) };
  });
}

/** Answers by request. */
export function secretHandlers(parts: SchedulerParts) {
  const { database, issuer, secrets } = parts;
  return {
    secretRecipients: (input: schema.GetSecretRecipients) => recipients(parts, input),
    putSecret: (input: schema.PutSecret) => putSecret(parts, input),
    listSecrets: (input: { limit?: number | undefined; cursor?: string | undefined }) =>
      database.read(async (em) => secretList(em, secrets, input)),
    removeSecret: (input: schema.RemoveSecret) =>
      database.transaction((em) => removeSecret(em, issuer, input)).then(() => ({})),
    secretRecovery: ({ name }: { name: string }) => database.read((em) => recoveryOf(em, name)),
    rewrapSecret: (input: schema.RewrapSecret) => rewrapSecret(parts, input),
  };
}
