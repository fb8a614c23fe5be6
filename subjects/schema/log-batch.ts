// Container log lines on their way to the core.
import * as z from 'zod/mini';
import { StackName } from './ids.ts';

export const LogBatch = z.strictObject({
  kind: z.literal('log'),
  lines: z.array(
    z.strictObject({
      stack: StackName,
      service: z.string(),
      container: z.string(),
      stream: z.enum(['stdout', 'stderr']),
      /** Nanoseconds since 1970, decimal: beyond what a number holds. */
      at: z.string().check(z.regex(/^\d{1,20}$/)),
      text: z.string(),
    }),
  ),
});
