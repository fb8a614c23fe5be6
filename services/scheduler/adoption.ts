// Takes Compose projects that run on a node under management, where they lie and as they are.
import type { InputOf, OutputOf } from '#infra/nats/bus.ts';
import { OverseerError } from '#subjects/errors.ts';
import type { ProjectContent, ProjectSummary } from '#subjects/schema/project.ts';
import { type PutStackAnswer, StackSpec } from '#subjects/schema/stack.ts';
import { command } from './commands.ts';
import { deadlineIn, storeBefore } from './deadline.ts';
import type { SchedulerParts } from './handlers.ts';
import { secretVersions, withExternalSecrets } from './secrets/used.ts';
import { type Specification, specificationOf } from './specification.ts';
import { recordAccepted, storeStack } from './stacks.ts';
import type { Em } from './store/rows.ts';
import { findStack } from './store/stacks.ts';

/** The agent asks Compose about each project; the gateway waits a little longer. */
const ANSWER_MS = 18_000;
/** For all of an adoption; the gateway waits a little longer. */
const WITHIN_MS = 36_000;

export async function listProjects(
  parts: SchedulerParts,
  { node }: InputOf<'listProjects'>,
): Promise<OutputOf<'listProjects'>> {
  const { projects } = await command(parts, { node, verb: 'projects', project: null }, ANSWER_MS);
  return { items: projects, nextCursor: null };
}

function notAdoptable(project: string, obstacle: string): OverseerError {
  return new OverseerError('not-adoptable', `project ${project} can't be adopted: ${obstacle}`, {
    fields: { obstacle },
  });
}

/** What runs stays so, and what nobody had running is not started. */
function stateOf({ services }: ProjectSummary): 'running' | 'stopped' {
  return services.some(({ state }) => ['running', 'restarting', 'paused'].includes(state)) ? 'running' : 'stopped';
}

function specificationIn(node: string, content: ProjectContent, state: 'running' | 'stopped'): Specification {
  const { name, place, compose, files, env, profiles, scale } = content;
  const spec = StackSpec.safeParse({ compose, files, env, profiles, scale, state, targets: { nodes: [node] } });
  if (!spec.success) {
    const [issue] = spec.error.issues;
    throw notAdoptable(
      name,
      `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'it is no specification of a stack'}`,
    );
  }
  try {
    return specificationOf({ ...spec.data, compose }, { ...place, node });
  } catch (error) {
    if (!(error instanceof OverseerError)) throw error;
    throw notAdoptable(name, error.message);
  }
}

/** Files of values are files like any other: what is in them is known to whoever reads the database. */
function warningsOf({ env, files }: ProjectContent): string[] {
  const kept = [...(Object.keys(env).length > 0 ? ['.env'] : []), ...Object.keys(files).toSorted()];
  if (kept.length === 0) return [];
  const list = kept.length > 10 ? `${kept.slice(0, 10).join(', ')} and ${kept.length - 10} more` : kept.join(', ');
  return [`${list}: stored as they are, not sealed. A password in one of them is better set as a secret`];
}

async function checkName(em: Em, name: string): Promise<void> {
  const stored = await findStack(em, name);
  if (stored && !stored.removedAt) throw new OverseerError('name-taken', `there is a stack ${name} already`);
}

/** @throws OverseerError `name-taken`, `project-not-found`, `not-adoptable`, `node-offline`, and what a put is refused for */
export async function adoptProject(
  parts: SchedulerParts,
  { by, node, project }: InputOf<'adoptProject'>,
): Promise<PutStackAnswer> {
  const { database, issuer, compose } = parts;
  const deadline = deadlineIn(WITHIN_MS, 'the node and Docker Compose take too long; try again');
  await database.read((em) => checkName(em, project));
  const { projects, content } = await command(parts, { node, verb: 'projects', project }, ANSWER_MS);
  const summary = projects.find(({ name }) => name === project);
  if (summary === undefined) {
    throw new OverseerError('project-not-found', `no Compose project ${project} that nobody manages is on this node`);
  }
  if (content === null || content.name !== project) {
    throw notAdoptable(project, summary.obstacle ?? 'the node did not tell its content');
  }
  const written = specificationIn(node, content, stateOf(summary));
  const model = await deadline.within(compose.check(project, written.content));
  const specification = { ...written, content: withExternalSecrets(written.content, model) };
  const store = () =>
    storeBefore(database, deadline, async (em) => {
      await checkName(em, project);
      const secrets = await secretVersions(em, specification.content);
      const stored = await storeStack(em, issuer, project, specification, by, { resolution: { pins: {}, secrets } });
      const detail = { node, directory: content.place.directory, revision: stored.revision };
      await recordAccepted(em, issuer, by, project, { action: 'stack.adopt', detail });
      return { ...stored, warnings: [...stored.warnings, ...warningsOf(content)] };
    });
  try {
    return await store();
  } catch (error) {
    if (!(error instanceof OverseerError) || error.code !== 'node-not-found') throw error;
    await parts.compare();
    return store();
  }
}
