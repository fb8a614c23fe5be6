// Actions: what operators ask of running stacks and nodes. Stop, start and scale are state and outlive a restart of
// anything; restart, pull and prune are commands, carried out once or not at all.
import * as z from 'zod/mini';
import { Actor } from './actor.ts';
import { Command } from './command.ts';
import { Id, StackName } from './ids.ts';

export const STACK_ACTIONS = ['restart', 'pull', 'stop', 'start', 'scale'] as const;
export const StackAction = z.enum(STACK_ACTIONS);
export type StackAction = z.infer<typeof StackAction>;
const Services = z.array(z.string().check(z.regex(/^[a-zA-Z0-9._-]{1,128}$/, 'must be the name of a service')));

/** Body of `POST /api/stacks/{name}/actions/{action}`. */
export const ActionBody = z.strictObject({
  /** All of the stack's nodes unless said. */
  nodes: z.optional(z.array(Id).check(z.maxLength(10_000))),
  /** Restart and pull: all unless said. Scale: exactly one. Stop and start are of the whole stack. */
  services: z.optional(Services),
  /** Scale: how many containers. */
  replicas: z.optional(z.int().check(z.minimum(0), z.maximum(1000))),
});
export type ActionBody = z.infer<typeof ActionBody>;
export const ActOnStack = z.strictObject({ by: Actor, name: StackName, action: StackAction, body: ActionBody });
export type ActOnStack = z.infer<typeof ActOnStack>;
/** The action's way to its nodes is told like a deployment's. */
export const ActOnStackAnswer = z.strictObject({
  name: StackName,
  revision: z.int(),
  deployment: z.nullable(Id),
  /** False when it was so already. */
  changed: z.boolean(),
});
export type ActOnStackAnswer = z.infer<typeof ActOnStackAnswer>;

export const PruneImages = z.enum(['dangling', 'unused']);
export type PruneImages = z.infer<typeof PruneImages>;
/** What a node is told to do once. `deployment` names the outcome's place. */
export const NodeAction = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('restart'), stack: StackName, services: Services, deployment: Id }),
  z.strictObject({ kind: z.literal('pull'), stack: StackName, services: Services, deployment: Id }),
  /** Keeps what any stack, its last good revision, or any container needs. */
  z.strictObject({ kind: z.literal('prune'), images: PruneImages }),
]);
export type NodeAction = z.infer<typeof NodeAction>;
export const ActCommand = z.extend(Command, { action: NodeAction });
export type ActCommand = z.infer<typeof ActCommand>;

export const PruneNode = z.strictObject({ by: Actor, node: Id, images: PruneImages });
export type PruneNode = z.infer<typeof PruneNode>;
