// Pure: a stack's specification in the one form that is stored and compared. Content (what a revision is) is kept apart
// from state and targets, which change without a new revision.
import { OverseerError } from '#subjects/errors.ts';
import { COMPOSE_MAX_BYTES, FILES_MAX_BYTES } from '#subjects/limits.ts';
import type { StackSpec, Targets } from '#subjects/schema/stack.ts';

/** Long enough to catch a program that ends at once, short enough not to be felt. */
const STABILITY_SECONDS = 2;
const HEALTH_TIMEOUT_SECONDS = 120;

/** Immutable; a revision's hash covers exactly this. */
export interface Content {
  readonly compose: string;
  readonly files: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
  readonly stabilitySeconds: number;
  readonly healthTimeoutSeconds: number;
}

export interface Specification {
  readonly content: Content;
  readonly targets: Targets;
  readonly state: 'running' | 'stopped';
}

/** The agent writes these itself, beside the stack's files. */
const RESERVED = new Set(['compose.yaml', '.env']);

function bytes(text: string): number {
  return new TextEncoder().encode(text).length;
}

function refused(detail: string, fields: Record<string, unknown>): OverseerError {
  return new OverseerError('invalid-input', detail, { fields });
}

function checkFiles(files: Readonly<Record<string, string>>): void {
  const paths = Object.keys(files);
  const all = new Set(paths);
  for (const path of paths) {
    if (RESERVED.has(path)) throw refused(`files: "${path}" is written by the agent`, { path: `files.${path}` });
    const parts = path.split('/');
    for (let length = 1; length < parts.length; length += 1) {
      const folder = parts.slice(0, length).join('/');
      if (all.has(folder)) throw refused(`files: "${folder}" is a file and a folder`, { path: `files.${folder}` });
    }
  }
  const size = paths.reduce((sum, path) => sum + bytes(files[path] as string), 0);
  if (size > FILES_MAX_BYTES) throw refused('files are too large', { limit: FILES_MAX_BYTES, actual: size });
}

function checkEnvironment(env: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(env)) {
    if (value.includes('\0')) throw refused(`env: ${name} holds a zero byte`, { path: `env.${name}` });
  }
}

/** @throws OverseerError `invalid-input` */
export function specificationOf(spec: StackSpec): Specification {
  const files = spec.files ?? {};
  const env = spec.env ?? {};
  const size = bytes(spec.compose);
  if (size > COMPOSE_MAX_BYTES) throw refused('compose is too large', { limit: COMPOSE_MAX_BYTES, actual: size });
  checkFiles(files);
  checkEnvironment(env);
  const { nodes, selector } = spec.targets;
  return {
    content: {
      compose: spec.compose,
      files,
      env,
      stabilitySeconds: spec.strategy?.stabilitySeconds ?? STABILITY_SECONDS,
      healthTimeoutSeconds: spec.strategy?.healthTimeoutSeconds ?? HEALTH_TIMEOUT_SECONDS,
    },
    // An order or a repetition of nodes means nothing, so it is no change.
    targets: {
      ...(nodes === undefined ? {} : { nodes: [...new Set(nodes)].sort() }),
      ...(selector === undefined ? {} : { selector }),
    },
    state: spec.state ?? 'running',
  };
}

/** As it came in, for `GET /api/stacks/{name}`. */
export function specOf({ content, targets, state }: Specification): StackSpec {
  const { compose, files, env, stabilitySeconds, healthTimeoutSeconds } = content;
  return {
    compose,
    files: { ...files },
    env: { ...env },
    targets,
    strategy: { stabilitySeconds, healthTimeoutSeconds },
    state,
  };
}
