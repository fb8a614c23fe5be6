// Commands: one-off requests to an agent for what is not state. Signed by the scheduler.
import * as z from 'zod/mini';
import { Actor } from './actor.ts';
import { Id, Timestamp } from './ids.ts';

export const COMMAND_VERBS = ['refresh', 'preview', 'act', 'projects', 'witness', 'renew'] as const;
export type CommandVerb = (typeof COMMAND_VERBS)[number];

/** The signature (base64url) covers the canonical JSON of all other fields, those of its verb too, under a domain prefix. */
export const Command = z.strictObject({
  kind: z.literal('command'),
  id: Id,
  node: Id,
  verb: z.enum(COMMAND_VERBS),
  expiresAt: Timestamp,
  signature: z.string().check(z.maxLength(128)),
});
export type Command = z.infer<typeof Command>;
export const CommandAnswer = z.strictObject({ kind: z.literal('command-answer'), accepted: z.boolean() });

/** The scheduler is asked to send one; it alone signs. `nonce` is the one the agent told in its last hello. */
export const SendCommand = z.strictObject({
  by: Actor,
  node: Id,
  nonce: Id,
  verb: z.enum(['refresh', 'renew']),
});
export type SendCommand = z.infer<typeof SendCommand>;
