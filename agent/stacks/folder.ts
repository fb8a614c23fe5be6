// The folder of one stack: its compose text, values and files, and a note of what was written and what was applied.
// Data that containers keep in it by relative mounts is not ours and stays.
import { mkdir, readFile, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { dotenv } from '#infra/compose/dotenv.ts';
import type { DesiredStack } from '#subjects/schema/desired.ts';
import { Hash, StackName } from '#subjects/schema/ids.ts';
import { RelativePath } from '#subjects/schema/stack.ts';
import { writeDurably } from '../state/durable-file.ts';
import { removeConfined, writeConfined } from './confined.ts';

/** Kept beside the folder: a stack's name has no dot, so the note can be no stack's folder. */
const Note = z.object({
  stack: StackName,
  revision: z.int(),
  appliedHash: z.nullable(Hash),
  files: z.array(RelativePath),
});
type Note = z.infer<typeof Note>;

export interface StackFolders {
  directoryOf(stack: string): string;
  /** @throws when a path leads out of the folder or hides one of its own files */
  write(stack: DesiredStack): Promise<string>;
  noteApplied(stack: DesiredStack): Promise<void>;
  /** Everything that was written; with `all` also what containers put there. */
  remove(stack: string, all: boolean): Promise<void>;
}

function contentOf(stack: DesiredStack): Map<string, { text: string; mode: number }> {
  const content = new Map([['compose.yaml', { text: stack.compose, mode: 0o600 }]]);
  if (Object.keys(stack.env).length > 0) content.set('.env', { text: dotenv(stack.env), mode: 0o600 });
  for (const [path, text] of Object.entries(stack.files)) {
    if (content.has(path)) throw new Error(`${path} among the files is the stack's own ${path}`);
    // Containers run as other users and must be able to read them; the data folder itself is closed to everybody.
    content.set(path, { text, mode: text.startsWith('#!') ? 0o755 : 0o644 });
  }
  return content;
}

export function stackFolders(root: string): StackFolders {
  const directoryOf = (stack: string) => join(root, StackName.parse(stack));
  const noteOf = (stack: string) => `${directoryOf(stack)}.json`;

  async function readNote(stack: string): Promise<Note | null> {
    const text = await readFile(noteOf(stack), 'utf8').catch(() => null);
    if (text === null) return null;
    try {
      return Note.parse(JSON.parse(text));
    } catch {
      return null;
    }
  }

  return {
    directoryOf,
    async write(stack) {
      const directory = directoryOf(stack.name);
      const content = contentOf(stack);
      const before = await readNote(stack.name);
      await mkdir(directory, { recursive: true, mode: 0o755 });
      const files = [...content.keys()];
      const known = [...new Set([...files, ...(before?.files ?? [])])];
      const note: Note = {
        stack: stack.name,
        revision: stack.revision,
        appliedHash: before?.appliedHash ?? null,
        files: known,
      };
      // First what will be there, so that nothing is ever written that nobody would take away.
      if (known.length !== before?.files.length) await writeDurably(noteOf(stack.name), JSON.stringify(note));
      const stale = known.filter((path) => !content.has(path));
      for (const path of stale) await removeConfined(directory, path);
      for (const [path, { text, mode }] of content) await writeConfined(directory, path, text, mode);
      if (stale.length > 0) await writeDurably(noteOf(stack.name), JSON.stringify({ ...note, files }));
      return directory;
    },
    async noteApplied(stack) {
      const files = [...contentOf(stack).keys()];
      const note: Note = { stack: stack.name, revision: stack.revision, appliedHash: stack.hash, files };
      await writeDurably(noteOf(stack.name), JSON.stringify(note));
    },
    async remove(stack, all) {
      const directory = directoryOf(stack);
      const note = await readNote(stack);
      if (all) await rm(directory, { recursive: true, force: true });
      for (const path of note?.files ?? []) await removeConfined(directory, path).catch(() => {});
      await rmdir(directory).catch(() => {});
      await rm(noteOf(stack), { force: true });
    },
  };
}
