// Stacks: what an operator wants to run, and where.
import * as z from 'zod/mini';
import { COMPOSE_MAX_BYTES, FILES_MAX_BYTES } from '../limits.ts';
import { Actor, Page } from './actor.ts';
import { Hash, Id, LabelKey, LabelValue, StackName, Timestamp } from './ids.ts';

/** Relative, inside the stack's own directory, no empty, `.` or `..` segment, no control character. */
export const RelativePath = z.string().check(
  z.minLength(1),
  z.maxLength(255),
  z.refine(
    (path) =>
      // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
      !/[\x00-\x1f\x7f\\]/.test(path) && path.split('/').every((part) => part !== '' && part !== '.' && part !== '..'),
    'must be a relative path inside the stack',
  ),
);

export const Targets = z
  .strictObject({
    nodes: z.optional(z.array(Id).check(z.maxLength(10_000))),
    /** Every label must match. */
    selector: z.optional(z.record(LabelKey, LabelValue)),
  })
  .check(z.refine((t) => t.nodes !== undefined || t.selector !== undefined, 'needs nodes or a selector'));
export type Targets = z.infer<typeof Targets>;

export const Strategy = z.strictObject({
  /** A service must stay up this long after start to count as running. */
  stabilitySeconds: z.optional(z.int().check(z.minimum(0), z.maximum(600))),
  /** Time a deployment has until every service is healthy. */
  healthTimeoutSeconds: z.optional(z.int().check(z.minimum(1), z.maximum(3600))),
});

export const Environment = z.record(
  z.string().check(z.regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/, 'must be the name of an environment variable')),
  z.string().check(z.maxLength(32_768)),
);

export const StackState = z.enum(['running', 'stopped']);

/** Body of `PUT /api/stacks/{name}`. */
export const StackSpec = z.strictObject({
  /** Compose file text, YAML. */
  compose: z.string().check(z.minLength(1), z.maxLength(COMPOSE_MAX_BYTES)),
  /** Path relative to the stack's directory -> text. */
  files: z.optional(
    z
      .record(RelativePath, z.string())
      .check(
        z.refine(
          (files) => Object.values(files).reduce((sum, text) => sum + text.length, 0) <= FILES_MAX_BYTES,
          'files are too large',
        ),
      ),
  ),
  /** Values for `${...}` in the compose text. */
  env: z.optional(Environment),
  targets: Targets,
  strategy: z.optional(Strategy),
  state: z.optional(StackState),
});
export type StackSpec = z.infer<typeof StackSpec>;

export const StackOnNode = z.strictObject({
  node: Id,
  phase: z.enum(['pending', 'applying', 'running', 'degraded', 'failed', 'stopped', 'removing', 'removed']),
  revision: z.nullable(z.int()),
  reason: z.nullable(z.string()),
});
export type StackOnNode = z.infer<typeof StackOnNode>;

export const Stack = z.strictObject({
  name: StackName,
  revision: z.int(),
  state: StackState,
  targets: Targets,
  /** Deployment of the newest revision. */
  deployment: z.nullable(Id),
  nodes: z.array(StackOnNode),
  createdAt: Timestamp,
  updatedAt: Timestamp,
});
export type Stack = z.infer<typeof Stack>;

export const StackDetail = z.extend(Stack, { spec: StackSpec });
export type StackDetail = z.infer<typeof StackDetail>;
export const StackList = z.strictObject({ items: z.array(Stack), nextCursor: z.nullable(z.string()) });
export type StackList = z.infer<typeof StackList>;

export const Revision = z.strictObject({
  revision: z.int(),
  hash: Hash,
  createdAt: Timestamp,
  createdBy: z.string(),
  deployment: z.nullable(Id),
});
export const RevisionList = z.strictObject({ items: z.array(Revision), nextCursor: z.nullable(z.string()) });
export type RevisionList = z.infer<typeof RevisionList>;

export const PutStack = z.strictObject({ by: Actor, name: StackName, spec: StackSpec });
export type PutStack = z.infer<typeof PutStack>;
export const PutStackAnswer = z.strictObject({
  name: StackName,
  revision: z.int(),
  deployment: z.nullable(Id),
  /** False when the same content was there already. */
  changed: z.boolean(),
});
export type PutStackAnswer = z.infer<typeof PutStackAnswer>;
export const RemoveStack = z.strictObject({
  by: Actor,
  name: StackName,
  /** Named volumes go too. Never unless asked. */
  volumes: z.boolean(),
});
export type RemoveStack = z.infer<typeof RemoveStack>;
export const RemoveStackAnswer = z.strictObject({ name: StackName, deployment: Id });
export type RemoveStackAnswer = z.infer<typeof RemoveStackAnswer>;
export const ByName = z.strictObject({ name: StackName });
export const ListStacks = z.strictObject({ node: z.optional(Id), ...Page });
export type ListStacks = z.infer<typeof ListStacks>;
