// Who asks for a change. The gateway fills it from the authenticated request; audit records keep it.
import * as z from 'zod/mini';
import { Id } from './ids.ts';

export const Actor = z.strictObject({
  kind: z.enum(['operator', 'node', 'system']),
  id: z.string().check(z.minLength(1), z.maxLength(128)),
  /** Network address the call came from, or the service's name. */
  origin: z.optional(z.string().check(z.maxLength(128))),
  /** Ties the audit record, events and the deployment of one call together. */
  requestId: Id,
});
export type Actor = z.infer<typeof Actor>;

export const Page = {
  limit: z.optional(z.int().check(z.minimum(1), z.maximum(1000))),
  cursor: z.optional(z.string().check(z.maxLength(256))),
};
