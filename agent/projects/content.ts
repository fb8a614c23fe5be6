// All that a stack needs to be the same project as the one that runs: its files, the profiles that are active and how many
// containers of a service there are. Compose itself is asked whether it reads these as it reads what lies there.
import type { Place, ProjectContent } from '#subjects/schema/project.ts';
import { readStackModel, type StackModel, servicesOf } from '../stacks/compose-facts.ts';
import { composeConfig, inScratch, Refusal } from '../stacks/scratch.ts';
import { Obstacle, readProject } from './files.ts';

/** @throws Obstacle */
export async function projectContent(
  name: string,
  place: Place,
  containers: readonly { readonly name: string }[],
): Promise<ProjectContent> {
  const files = await readProject(place);
  const count = new Map<string, number>();
  for (const { name: service } of containers) count.set(service, (count.get(service) ?? 0) + 1);
  try {
    const all = await modelThere(name, place, ['*']);
    const base = await modelThere(name, place, []);
    const profiles = activeProfiles(all, base, count);
    const there = profiles.length === 0 ? base : await modelThere(name, place, profiles);
    const content = { name, place, ...files, files: { ...files.files }, env: { ...files.env }, profiles, scale: {} };
    const ours = await inScratch(content, place.directory, null, (scratch) => scratch.model());
    if (JSON.stringify(ours) !== JSON.stringify(there)) {
      throw new Obstacle('its files mean something else when they are kept apart from what else lies there');
    }
    return { ...content, scale: scaleOf(there, name, count) };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw new Obstacle(error.message);
  }
}

async function modelThere(project: string, place: Place, profiles: readonly string[]): Promise<StackModel> {
  const { directory, file } = place;
  const call = { project, directory, files: [file], profiles, rest: ['--format', 'json'] };
  const model = readStackModel(await composeConfig(call));
  if (model === null) throw new Refusal('docker compose answered no model of it');
  return model;
}

/** Those without which a service that has containers would have none. */
export function activeProfiles(all: StackModel, base: StackModel, count: ReadonlyMap<string, number>): string[] {
  const services = all.services ?? {};
  const profilesOf = (name: string) => (services[name]?.['profiles'] as string[] | null | undefined) ?? [];
  const idle = (profile: string) =>
    Object.keys(services).filter((name) => profilesOf(name).includes(profile) && !count.has(name)).length;
  const chosen = new Set<string>();
  for (const name of Object.keys(services).toSorted()) {
    const isActive = base.services?.[name] !== undefined || profilesOf(name).some((profile) => chosen.has(profile));
    if (!count.has(name) || isActive) continue;
    // The one that brings along the fewest services that do not run.
    const [best] = profilesOf(name).toSorted((a, b) => idle(a) - idle(b) || (a < b ? -1 : 1));
    if (best !== undefined) chosen.add(best);
  }
  return [...chosen].toSorted();
}

function scaleOf(model: StackModel, project: string, count: ReadonlyMap<string, number>): Record<string, number> {
  const others = servicesOf(model, project).flatMap(({ name, scale }) => {
    const running = count.get(name);
    return running === undefined || running === scale ? [] : [[name, running] as const];
  });
  return Object.fromEntries(others);
}
