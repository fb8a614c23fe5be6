// Drift: what differs on a node from what was applied there, though nobody asked Overseer for it.
import * as z from 'zod/mini';

const text = z.string().check(z.maxLength(1024));

export const DriftItem = z.strictObject({
  kind: z.enum([
    /** A container that was there is gone. */
    'removed',
    /** Somebody stopped it. */
    'stopped',
    /** A container of the project that the stack does not have. */
    'extra',
    /** Made or changed in place with other settings. */
    'config',
    /** Its tag names another image than the one it was made from. */
    'image',
    /** A file of the stack was changed or removed on the node's disk. */
    'file',
  ]),
  service: z.nullable(text),
  container: z.nullable(text),
  /** Path of the file, name of the setting, reference of the image; null when the kind says all. */
  subject: z.nullable(text),
  expected: z.nullable(text),
  actual: z.nullable(text),
});
export type DriftItem = z.infer<typeof DriftItem>;
/** What a report carries at most for a stack. */
export const DRIFT_MAX_ITEMS = 50;
