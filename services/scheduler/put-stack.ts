// The whole way of a stack that is put: its text fetched or taken as sent, checked by Docker Compose, its names resolved,
// stored.
import type { ComposeModel } from '#infra/compose/model.ts';
import { OverseerError } from '#subjects/errors.ts';
import type { PutStack, PutStackAnswer, StackSpec } from '#subjects/schema/stack.ts';
import { deadlineIn, storeBefore } from './deadline.ts';
import { contentHash, isSame, sourceHash } from './fingerprint.ts';
import type { SchedulerParts } from './handlers.ts';
import { resolvePins } from './images/pins.ts';
import { overruled } from './own-strategy.ts';
import { secretVersions, withExternalSecrets } from './secrets/used.ts';
import { foundCommit, specificationFrom } from './sources/decisions.ts';
import type { FetchedSource } from './sources/fetch.ts';
import { type Content, type Specification, specificationOf } from './specification.ts';
import { type Circumstances, isUnchanged, type Stored, storeStack } from './stacks.ts';
import type { StackRow } from './store/entities.ts';
import type { Em } from './store/rows.ts';
import { contentOf, findStack } from './store/stacks.ts';

const WITHIN_MS = 60_000;
/** For all images together: what no registry has told by then is not waited for, and somebody waits here. */
const PINS_MS = 20_000;
const SLOW =
  'its repository, Docker Compose or its registries take too long; a repository is fetched on meanwhile, so try again soon';

export interface Prepared {
  readonly specification: Specification;
  /** Null when nothing had to be checked, or there is no Docker Compose to ask. */
  readonly model: ComposeModel | null;
  /** Service -> image with digest. */
  readonly pins: Readonly<Record<string, string>>;
  readonly circumstances: Omit<Circumstances, 'resolution'>;
  readonly warnings: readonly string[];
}

function environmentWarnings({ secrets }: Content): string[] {
  return Object.values(secrets).flatMap(({ secret, environment }) =>
    environment === null
      ? []
      : [
          `secret ${secret} is the environment variable ${environment} as well: docker inspect and the node's disk show it`,
        ],
  );
}

async function present(em: Em, name: string): Promise<{ stored: StackRow | null; place: Content['place'] }> {
  const stored = await findStack(em, name);
  if (!stored || stored.removedAt) return { stored: null, place: null };
  return { stored, place: (await contentOf(em, name, stored.revision))?.place ?? null };
}

/**
 * Everything that is done before anything is stored; the same for a plan.
 * @param fetched the source's text, when it is at hand already
 * @param signal aborted when nobody waits any more
 * @throws OverseerError what a specification, its source, Docker Compose or the policy here refuse
 */
export async function prepare(
  parts: SchedulerParts,
  name: string,
  spec: StackSpec,
  fetched: FetchedSource | null = null,
  signal: AbortSignal | null = null,
): Promise<Prepared> {
  const { stored, place } = await parts.database.read((em) => present(em, name));
  const found = spec.source === undefined ? null : (fetched ?? (await parts.origins.reader.fetch(spec.source)));
  const compose = found?.compose ?? spec.compose ?? '';
  const bare = found ? specificationFrom(spec, found) : specificationOf({ ...spec, compose });
  // An adopted stack stays where it is, whatever is put under its name.
  const written = { ...bare, content: { ...bare.content, place } };
  const checkedAt = parts.issuer.now().toISOString();
  const circumstances = found
    ? { commit: found.commit, sourceState: foundCommit(null, { ...found, hash: sourceHash(found) }, true, checkedAt) }
    : {};
  const first = { pins: stored?.resolution.pins ?? {}, images: stored?.imageState ?? [] };
  const vain = overruled({ ...spec, compose });
  const warnings = [...(found?.warnings ?? []), ...vain, ...environmentWarnings(written.content)];
  if (isUnchanged(stored, written)) {
    // What failed is deployed once more by this.
    await parts.compose.judge(name, written.content);
    return { specification: written, model: null, pins: first.pins, circumstances, warnings };
  }
  const model = await parts.compose.check(name, written.content);
  const specification = { ...written, content: withExternalSecrets(written.content, model) };
  const { content, settings } = specification;
  // A stop or other targets are no reason to run other images.
  if (stored?.contentHash === contentHash(content) && isSame(stored.settings.images, settings.images)) {
    return { specification, model, pins: first.pins, circumstances, warnings };
  }
  const enough = AbortSignal.timeout(PINS_MS);
  const until = signal === null ? enough : AbortSignal.any([enough, signal]);
  const resolved = await resolvePins(parts.origins.images, model, settings.images, first, until);
  const { pins, images: imageState } = resolved;
  const all = [...warnings, ...resolved.warnings];
  return { specification, model, pins, circumstances: { ...circumstances, imageState }, warnings: all };
}

/** @throws OverseerError `revision-moved` */
async function checkRevision(em: Em, name: string, wanted: number | null): Promise<void> {
  if (wanted === null) return;
  const stored = await findStack(em, name);
  const revision = !stored || stored.removedAt ? 0 : stored.revision;
  if (revision === wanted) return;
  const found = revision === 0 ? 'there is no such stack' : `revision ${revision} is the newest`;
  const expected = wanted === 0 ? 'no such stack' : `revision ${wanted}`;
  throw new OverseerError('revision-moved', `${name}: ${expected} was expected, but ${found}`, {
    fields: { revision },
  });
}

export async function putStack(
  parts: SchedulerParts,
  { by, name, spec, onRevision, withinMs = WITHIN_MS }: PutStack,
  fetched: FetchedSource | null = null,
): Promise<PutStackAnswer> {
  const { database, issuer } = parts;
  const deadline = deadlineIn(withinMs, SLOW);
  const preparing = prepare(parts, name, spec, fetched, deadline.signal);
  const { specification, pins, circumstances, warnings } = await deadline.within(preparing);
  const store = (): Promise<Stored> =>
    storeBefore(database, deadline, async (em) => {
      await checkRevision(em, name, onRevision);
      const secrets = await secretVersions(em, specification.content);
      const given = { ...circumstances, resolution: { pins, secrets } };
      return storeStack(em, issuer, name, specification, by, given);
    });
  const withWarnings = (answer: Stored) => ({ ...answer, warnings: [...answer.warnings, ...warnings] });
  try {
    return withWarnings(await store());
  } catch (error) {
    if (!(error instanceof OverseerError) || error.code !== 'node-not-found') throw error;
    // A node enrolled a moment ago is known to the registry before its fact arrives here.
    await parts.compare();
    return withWarnings(await store());
  }
}
