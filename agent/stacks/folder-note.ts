// The note of one stack's folder: what was written there, as what, and what was applied. It lies beside the folder: a
// stack's name has no dot, so the note can be no stack's folder.
import { readFile } from 'node:fs/promises';
import * as z from 'zod/mini';
import { Hash, StackName } from '#subjects/schema/ids.ts';
import { Place } from '#subjects/schema/project.ts';
import { RelativePath } from '#subjects/schema/stack.ts';
import { writeDurably } from '../state/durable-file.ts';

const Note = z.object({
  stack: StackName,
  revision: z.int(),
  appliedHash: z.nullable(Hash),
  files: z.array(RelativePath),
  /** SHA-256 of each file as it was last written. */
  digests: z._default(z.record(RelativePath, Hash), {}),
  /** Where an adopted stack's files are; null: in the agent's own folder. */
  place: z._default(z.nullable(Place), null),
  /** Whose services may run: those of the version that was applied, and of any that was begun since. */
  profiles: z._default(z.array(z.string()), []),
});
export type Note = z.infer<typeof Note>;

/** Null when there is none that can be read: then old files stay. */
export async function readNote(file: string): Promise<Note | null> {
  const text = await readFile(file, 'utf8').catch(() => null);
  if (text === null) return null;
  try {
    return Note.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

export function keepNote(file: string, note: Note): Promise<void> {
  return writeDurably(file, JSON.stringify(note));
}
