// The answer to the core's question which Compose projects run here that nobody manages, and what one of them is made of.
import { OverseerError } from '#subjects/errors.ts';
import type { ProjectContent, ProjectSummary, ProjectsAnswer } from '#subjects/schema/project.ts';
import type { Engine, ListedContainer } from '../docker.ts';
import { projectContent } from './content.ts';
import { Obstacle } from './files.ts';
import { type FoundProject, foundProjects, type ProjectContainer } from './found.ts';

interface Parts {
  readonly engine: Pick<Engine, 'composeContainers'>;
  /** Stacks of the document, and those that are being taken away. */
  isManaged(project: string): boolean;
}

const TEXT_KEPT = 4000;

function projectContainer({ Labels, Names, Id, Image, State, Status }: ListedContainer): ProjectContainer {
  return { labels: Labels, name: (Names[0] ?? Id).replace(/^\//, ''), image: Image, state: State, status: Status };
}

/** @param project one of them alone, with its content */
export async function answerProjects(project: string | null, { engine, isManaged }: Parts): Promise<ProjectsAnswer> {
  const listed = await engine.composeContainers().catch((error: unknown) => {
    const words = error instanceof Error ? error.message : String(error);
    throw new OverseerError('timeout', `the engine of the node does not answer: ${words}`, { cause: error });
  });
  const containers = listed.map(projectContainer);
  const found = foundProjects(containers).filter(({ name }) => !isManaged(name));
  const projects: ProjectSummary[] = [];
  let content: ProjectContent | null = null;
  for (const one of project === null ? found : found.filter(({ name }) => name === project)) {
    const read = await contentOf(one);
    if (project !== null) content = read.content;
    projects.push({ name: one.name, place: one.place, services: one.services, obstacle: read.obstacle });
  }
  return { kind: 'projects', projects, content };
}

async function contentOf({ name, place, services, obstacle }: FoundProject) {
  if (obstacle !== null || place === null) return { content: null, obstacle: obstacle ?? 'it has no place of its own' };
  try {
    return { content: await projectContent(name, place, services), obstacle: null };
  } catch (error) {
    if (!(error instanceof Obstacle)) throw error;
    return { content: null, obstacle: error.message.slice(0, TEXT_KEPT) };
  }
}
