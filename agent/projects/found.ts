// Pure: Compose projects among the containers of an engine, and where each says that it lies.
import type * as z from 'zod/mini';
import { StackName } from '#subjects/schema/ids.ts';
import type { ProjectSummary } from '#subjects/schema/project.ts';
import { Place } from '#subjects/schema/project.ts';

export interface ProjectContainer {
  readonly labels: Readonly<Record<string, string>>;
  readonly name: string;
  readonly image: string;
  readonly state: string;
  /** As the engine words it: `Up 3 minutes (healthy)`. */
  readonly status: string;
}

export interface FoundProject {
  readonly name: string;
  readonly services: ProjectSummary['services'];
  /** Where its one Compose file is; null when there is no such place. */
  readonly place: z.infer<typeof Place> | null;
  /** Why it can't be taken over, as far as the containers tell. */
  readonly obstacle: string | null;
}

const LABEL = 'com.docker.compose.';

function labelsOf(containers: readonly ProjectContainer[], key: string): string[] {
  return [...new Set(containers.flatMap(({ labels }) => labels[`${LABEL}${key}`] ?? []))];
}

export function foundProjects(containers: readonly ProjectContainer[]): FoundProject[] {
  const own = containers.filter(({ labels }) => labels[`${LABEL}oneoff`] !== 'True');
  const byProject = Map.groupBy(own, ({ labels }) => labels[`${LABEL}project`] ?? '');
  return [...byProject]
    .filter(([name]) => name !== '')
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, found]) => {
      const services = found.map(summaryOf).toSorted((a, b) => (a.container < b.container ? -1 : 1));
      return { name, services, ...placeOf(name, found) };
    });
}

function summaryOf({ labels, name, image, state, status }: ProjectContainer): ProjectSummary['services'][number] {
  const health = /\((healthy|unhealthy|health: starting)\)/.exec(status)?.[1]?.replace('health: ', '') ?? null;
  return { name: labels[`${LABEL}service`] ?? '', container: name, image, state, health };
}

function placeOf(name: string, containers: readonly ProjectContainer[]): Pick<FoundProject, 'place' | 'obstacle'> {
  const [directory, ...otherDirectories] = labelsOf(containers, 'project.working_dir');
  const [files, ...otherFiles] = labelsOf(containers, 'project.config_files');
  const without = (obstacle: string) => ({ place: null, obstacle });
  if (directory === undefined || files === undefined) return without('its containers do not say where its files are');
  if (otherDirectories.length > 0) return without('its containers were made from several directories');
  if (otherFiles.length > 0) return without('its containers were made from different Compose files');
  if (files.includes(',')) return without(`it is made of several Compose files: ${files.replaceAll(',', ', ')}`);
  if (!isPlain(directory)) return without(`its directory ${directory} is no plain absolute path`);
  const at = files.lastIndexOf('/');
  const [folder, file] = [files.slice(0, at), files.slice(at + 1)];
  if (folder !== directory) return without(`its Compose file ${files} is not in its directory ${directory}`);
  const place = Place.safeParse({ directory, file });
  if (!place.success) return without(`the Compose file ${files} has a name that can't be kept`);
  const found = { place: place.data };
  if (!StackName.safeParse(name).success) return { ...found, obstacle: 'its name can be no name of a stack' };
  const [values] = labelsOf(containers, 'project.environment_file');
  if (values !== undefined && values !== `${directory}/.env`) {
    return { ...found, obstacle: `its values come from ${values} instead of .env in its directory` };
  }
  return { ...found, obstacle: null };
}

function isPlain(path: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  if (!path.startsWith('/') || path === '/' || /[\x00-\x1f\x7f\\]/.test(path)) return false;
  return path
    .slice(1)
    .split('/')
    .every((part) => part !== '' && part !== '.' && part !== '..');
}
