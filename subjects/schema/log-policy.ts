// What is kept of a stack's output; `logs` of its specification.
import * as z from 'zod/mini';

export const LogPolicy = z.strictObject({
  /** `errors`: only what was written to stderr. `all` unless said. */
  collect: z.optional(z.enum(['all', 'errors', 'off'])),
  /** Of the whole stack on one node; what is over it is counted and left out. 20,000 unless said. */
  linesPerSecond: z.optional(z.int().check(z.minimum(1), z.maximum(1_000_000))),
  /** As long as there is room unless said. */
  keepDays: z.optional(z.int().check(z.minimum(1), z.maximum(3650))),
});
export type LogPolicy = z.infer<typeof LogPolicy>;
