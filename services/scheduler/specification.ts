// Pure: a stack's specification in the one form that is stored and compared. Content (what a revision is) is kept apart
// from state and targets, which change without a new revision.
import { OverseerError } from '#subjects/errors.ts';
import { COMPOSE_MAX_BYTES, FILES_MAX_BYTES } from '#subjects/limits.ts';
import type { LogPolicy } from '#subjects/schema/log-policy.ts';
import type { Place } from '#subjects/schema/project.ts';
import type { GitSource, ImagePolicy } from '#subjects/schema/source.ts';
import type { StackSpec, Strategy, Targets } from '#subjects/schema/stack.ts';
import { strategyIn } from './own-strategy.ts';

/** Long enough to catch a program that dies once it has begun to work, short enough not to be felt. */
const STABILITY_SECONDS = 5;
const HEALTH_TIMEOUT_SECONDS = 120;

/** Immutable; a revision's hash covers exactly this. */
export interface Content {
  readonly compose: string;
  readonly files: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
  readonly stabilitySeconds: number;
  readonly healthTimeoutSeconds: number;
  readonly rollback: boolean;
  readonly drift: 'report' | 'correct';
  /** Left out where nothing was said. */
  readonly logs?: LogPolicy;
  readonly profiles: readonly string[];
  readonly scale: Readonly<Record<string, number>>;
  /** By the name each has in the stack. */
  readonly secrets: Readonly<Record<string, UsedSecret>>;
  readonly place: AdoptedPlace | null;
}

/**
 * Where an adopted stack lies, on the node that told so and on no other: a node that lies could else have each node that
 * the stack comes to write into a folder of its choice.
 */
export interface AdoptedPlace extends Place {
  readonly node: string;
}

export interface UsedSecret {
  readonly secret: string;
  readonly services: readonly string[] | null;
  readonly environment: string | null;
}

/** What may change without a new revision: how a stack gets to its nodes, not what runs there. */
export interface Settings {
  readonly rollout: {
    /** Null: all nodes at once. */
    readonly batch: number | string | null;
    readonly maxUnavailable: number | null;
    readonly pauseSeconds: number;
    readonly gate: 'healthy' | 'manual';
  };
  readonly dependsOn: readonly string[];
  readonly images: ImagePolicy | null;
  readonly source: GitSource | null;
  /** What was sent beside a git source, whose own files lie below it in the content; null without one. */
  readonly given: Required<Pick<StackSpec, 'files' | 'env' | 'secrets'>> | null;
}

/** What names in a specification stood for when it was deployed. */
export interface Resolution {
  /** Service -> image reference with digest. */
  readonly pins: Readonly<Record<string, string>>;
  /** Secret -> version. */
  readonly secrets: Readonly<Record<string, number>>;
}

export const NOTHING_RESOLVED: Resolution = { pins: {}, secrets: {} };

export interface Specification {
  readonly content: Content;
  readonly settings: Settings;
  readonly targets: Targets;
  readonly state: 'running' | 'stopped';
}

/** The agent writes these itself, beside the stack's files. */
const RESERVED = new Set(['compose.yaml', 'compose.override.yaml', '.env']);

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

function usedSecrets(spec: StackSpec): Record<string, UsedSecret> {
  return Object.fromEntries(
    Object.entries(spec.secrets ?? {}).map(([name, { secret = name, services, environment }]) => [
      name,
      {
        secret,
        services: services === undefined ? null : [...new Set(services)].sort(),
        environment: environment ?? null,
      },
    ]),
  );
}

function settingsOf({ dependsOn, images, source }: StackSpec, strategy: Strategy): Settings {
  return {
    rollout: {
      batch: strategy.batch ?? null,
      maxUnavailable: strategy.maxUnavailable ?? null,
      pauseSeconds: strategy.pauseSeconds ?? 0,
      gate: strategy.gate ?? 'healthy',
    },
    dependsOn: [...new Set(dependsOn ?? [])].sort(),
    images: images ?? null,
    source: source ?? null,
    given: null,
  };
}

/** A specification whose text is at hand, sent or fetched. */
export type SpecWithText = StackSpec & { readonly compose: string };

/** @throws OverseerError `invalid-input` */
export function specificationOf(spec: SpecWithText, place: AdoptedPlace | null = null): Specification {
  const files = spec.files ?? {};
  const env = spec.env ?? {};
  const size = bytes(spec.compose);
  if (size > COMPOSE_MAX_BYTES) throw refused('compose is too large', { limit: COMPOSE_MAX_BYTES, actual: size });
  checkFiles(files);
  checkEnvironment(env);
  const { nodes, selector } = spec.targets;
  const strategy = strategyIn(spec);
  return {
    content: {
      compose: spec.compose,
      files,
      env,
      stabilitySeconds: strategy.stabilitySeconds ?? STABILITY_SECONDS,
      healthTimeoutSeconds: strategy.healthTimeoutSeconds ?? HEALTH_TIMEOUT_SECONDS,
      rollback: strategy.rollback ?? true,
      drift: spec.drift ?? 'correct',
      profiles: [...new Set(spec.profiles ?? [])].sort(),
      scale: spec.scale ?? {},
      secrets: usedSecrets(spec),
      place,
      ...(spec.logs === undefined ? {} : { logs: spec.logs }),
    },
    settings: settingsOf(spec, strategy),
    // An order or a repetition of nodes means nothing, so it is no change.
    targets: {
      ...(nodes === undefined ? {} : { nodes: [...new Set(nodes)].sort() }),
      ...(selector === undefined ? {} : { selector }),
    },
    state: spec.state ?? 'running',
  };
}

function strategyOf({ content, settings }: Pick<Specification, 'content' | 'settings'>): Strategy {
  const { stabilitySeconds, healthTimeoutSeconds, rollback } = content;
  const { batch, maxUnavailable, pauseSeconds, gate } = settings.rollout;
  return {
    ...{ stabilitySeconds, healthTimeoutSeconds, rollback, pauseSeconds, gate },
    ...(batch === null ? {} : { batch }),
    ...(maxUnavailable === null ? {} : { maxUnavailable }),
  };
}

/** As it came in, for `GET /api/stacks/{name}`. */
export function specOf({ content, settings, targets, state }: Specification): StackSpec {
  const { compose, files, env, profiles, scale, drift, logs } = content;
  const { dependsOn, images, source } = settings;
  const secrets = Object.entries(content.secrets).map(([name, { secret, services, environment }]) => [
    name,
    { secret, ...(services ? { services: [...services] } : {}), ...(environment ? { environment } : {}) },
  ]);
  return {
    ...(source === null ? { compose } : { source }),
    ...(settings.given ?? { files: { ...files }, env: { ...env }, secrets: Object.fromEntries(secrets) }),
    profiles: [...profiles],
    scale: { ...scale },
    drift,
    dependsOn: [...dependsOn],
    ...(images === null ? {} : { images }),
    ...(logs === undefined ? {} : { logs }),
    targets,
    strategy: strategyOf({ content, settings }),
    state,
  };
}
