import * as z from 'zod/mini';

/** One service's answer to "are you there": shown by `overseer status`. */
export const ServiceStatus = z.strictObject({
  service: z.string(),
  version: z.string(),
  startedAt: z.string(),
  /** What the service counts, by name. */
  counts: z.record(z.string(), z.number()),
  /** What does not work just now, by what it is of. */
  faults: z.optional(z.record(z.string(), z.string())),
});
export type ServiceStatus = z.infer<typeof ServiceStatus>;
export const Nothing = z.strictObject({});
