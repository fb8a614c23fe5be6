// Compose projects that run on a node and that no document names: what can be taken under management as it is.
import * as z from 'zod/mini';
import { Actor } from './actor.ts';
import { Command } from './command.ts';
import { Id, StackName } from './ids.ts';
import { Environment, RelativePath, Scale } from './stack.ts';

const text = z.string().check(z.maxLength(4096));

/** Where an adopted stack stays: its own directory and the name of its compose file there. */
export const Place = z.strictObject({
  directory: z.string().check(z.regex(/^\/[^\0]*$/, 'must be an absolute path'), z.maxLength(1024)),
  file: z.string().check(z.regex(/^[A-Za-z0-9._-]{1,128}$/, 'must be a file name')),
});
export type Place = z.infer<typeof Place>;

export const ProjectSummary = z.strictObject({
  name: text,
  place: z.nullable(Place),
  services: z.array(
    z.strictObject({ name: text, container: text, image: text, state: text, health: z.nullable(text) }),
  ),
  /** Null: one call adopts it. */
  obstacle: z.nullable(text),
});
export type ProjectSummary = z.infer<typeof ProjectSummary>;

/** All that a stack needs to be the same project. */
export const ProjectContent = z.strictObject({
  name: StackName,
  place: Place,
  compose: z.string(),
  files: z.record(RelativePath, z.string()),
  env: Environment,
  profiles: z.array(z.string()),
  /** Services of which another number of containers runs than the files say. */
  scale: Scale,
});
export type ProjectContent = z.infer<typeof ProjectContent>;

export const ProjectsCommand = z.extend(Command, { project: z.nullable(text) });
export type ProjectsCommand = z.infer<typeof ProjectsCommand>;
export const ProjectsAnswer = z.strictObject({
  kind: z.literal('projects'),
  projects: z.array(ProjectSummary),
  /** Of the one that was asked for. */
  content: z.nullable(ProjectContent),
});
export type ProjectsAnswer = z.infer<typeof ProjectsAnswer>;

export const ListProjects = z.strictObject({ node: Id });
export const ProjectList = z.strictObject({ items: z.array(ProjectSummary), nextCursor: z.nullable(z.string()) });
export type ProjectList = z.infer<typeof ProjectList>;
export const AdoptProject = z.strictObject({ by: Actor, node: Id, project: StackName });
export type AdoptProject = z.infer<typeof AdoptProject>;
