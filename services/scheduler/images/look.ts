// One look at the registries of a stack's images: what moved is told, once each, and deployed when the policy says so.
import { enqueue } from '#infra/postgres/outbox.ts';
import type { Actor } from '#subjects/schema/actor.ts';
import type { ImageState } from '#subjects/schema/source.ts';
import { isSame } from '../fingerprint.ts';
import type { Issuer } from '../issuer.ts';
import { type Look, NOTHING_SEEN } from '../sources/look.ts';
import type { LookParts } from '../sources/parts.ts';
import { redeploy } from '../stacks.ts';
import { StackRow } from '../store/entities.ts';
import { type Em, lockPlacement } from '../store/rows.ts';
import { contentOf, findStack } from '../store/stacks.ts';
import { imageStates, type Moved, movedImages, newsOf, pinsOf, type Told } from './image-state.ts';
import { askRegistries, pullable } from './pins.ts';

async function tellMoved(em: Em, issuer: Issuer, { name, deployment }: StackRow, moved: Moved): Promise<void> {
  if (!deployment) return;
  await enqueue(em, {
    service: 'scheduler',
    message: 'deploymentFact',
    parameters: { deployment, fact: 'image-moved' },
    body: {
      specversion: '1.0',
      id: issuer.newId(),
      type: 'dev.overseer.deployment.image-moved.v1',
      source: 'scheduler',
      subject: `deployments/${deployment}`,
      time: issuer.now().toISOString(),
      datacontenttype: 'application/json',
      data: { deployment, stack: name, ...moved },
    },
  });
}

interface Watched {
  /** Service -> image of the present revision. */
  readonly images: ReadonlyMap<string, string>;
  /** Why the stack as it is would be refused today; null when it would not. */
  readonly refusal: string | null;
}

/** Null when nobody here can tell. */
async function watchedOf({ database, compose }: LookParts, row: StackRow): Promise<Watched | null> {
  const content = await database.read((em) => contentOf(em, row.name, row.revision));
  if (!content) return null;
  let refusal: string | null = null;
  const model = await compose.check(row.name, content).catch((error: unknown) => {
    refusal = error instanceof Error ? error.message : String(error);
    return null;
  });
  if (model) return { images: pullable(model), refusal };
  if (row.imageState.length === 0) return null;
  return { images: new Map(row.imageState.map(({ service, image }) => [service, image])), refusal };
}

/** What is refused today gets no new images: nobody is asked, so that none is taken as known. */
function untold(images: ReadonlyMap<string, string>, refusal: string): Map<string, Told> {
  return new Map([...images.values()].map((image) => [image, { fault: refusal }]));
}

/** @param isForced asks also for images that wait, since their registry did not answer */
export async function lookAtImages(parts: LookParts, name: string, by: Actor, isForced = false): Promise<Look> {
  const { database, issuer, origins } = parts;
  const row = await database.read((em) => findStack(em, name));
  const policy = row && !row.removedAt ? row.settings.images : null;
  if (!row || policy === null || policy.policy === 'off') return NOTHING_SEEN;
  const found = await watchedOf(parts, row);
  if (found === null) return { ...NOTHING_SEEN, failed: true };
  const { images, refusal } = found;
  const isRefused = refusal !== null && policy.policy === 'deploy';
  const { patience } = origins.images;
  const asked = isForced ? [...images.values()] : [...images.values()].filter((image) => patience.isDue(image));
  const told = isRefused ? untold(images, refusal) : await askRegistries(origins.images, asked, policy);
  return database.transaction(async (em) => {
    await lockPlacement(em);
    const now = await findStack(em, name);
    const isSameStack = now && !now.removedAt && now.revision === row.revision && isSame(now.settings, row.settings);
    if (!isSameStack) return NOTHING_SEEN;
    const states = (pins: Readonly<Record<string, string>>): ImageState[] =>
      imageStates(images, told, pins, now.imageState, issuer.now().toISOString());
    const { pins: present, secrets } = now.resolution;
    const unchanged = states(present);
    for (const moved of movedImages(now.imageState, unchanged)) await tellMoved(em, issuer, now, moved);
    const news = newsOf(images, told, now.imageState, present);
    const pins = { ...pinsOf(images, new Map(), present), ...pinsOf(news, told, present) };
    // A registry that does not answer has its images wait, not the others of the stack.
    const look = { ...NOTHING_SEEN, failed: isRefused };
    if (policy.policy !== 'deploy' || isSame(pins, present)) {
      await em.nativeUpdate(StackRow, { name }, { imageState: unchanged });
      return { ...look, changed: false };
    }
    const change = { resolution: { pins, secrets }, imageState: states(pins) };
    const { changed } = await redeploy(em, issuer, name, change, by, 'stack.images');
    return { ...look, changed };
  });
}
