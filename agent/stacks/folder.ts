// The folder of one stack: its compose text, values and files, and a note of what was written and what was applied.
// Data that containers keep in it by relative mounts is not ours and stays. An adopted stack's folder is its own: there
// only what the stack itself says is written, owner and mode of a file stay, and a removal leaves everything.
import { chmod, mkdir, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual, parseEnv } from 'node:util';
import { dotenv } from '#infra/compose/dotenv.ts';
import type { DesiredStack } from '#subjects/schema/desired.ts';
import { StackName } from '#subjects/schema/ids.ts';
import { readConfined, removeConfined, writeConfined } from './confined.ts';
import { digestOf, type FileDrift, fileWatch } from './file-drift.ts';
import { keepNote, type Note, readNote } from './folder-note.ts';
import { needsOverlay, OVERLAY_FILE } from './overlay.ts';

type Placed = Pick<DesiredStack, 'name' | 'place'>;

export interface StackFolders {
  /** By name alone: the agent's own folder of it, where an adopted stack has none. */
  directoryOf(stack: string | Placed): string;
  /** @throws when a path leads out of the folder or hides one of its own files */
  write(stack: DesiredStack): Promise<string>;
  /** What goes beside the compose text once it is known; null takes it away. */
  writeOverlay(stack: DesiredStack, text: string | null): Promise<void>;
  noteApplied(stack: DesiredStack): Promise<void>;
  /** Profiles whose services may run. */
  profiles(stack: Placed): Promise<readonly string[]>;
  /** Files that somebody changed or took away since they were written. */
  drift(stack: string | Placed): Promise<readonly FileDrift[]>;
  /** Everything that was written; with `all` also what containers put there. */
  remove(stack: string, all: boolean): Promise<void>;
}

/** Name of the compose text in the stack's folder. */
export function composeFileOf(stack: Pick<DesiredStack, 'place'>): string {
  return stack.place?.file ?? 'compose.yaml';
}

function contentOf(stack: DesiredStack): Map<string, { text: string; mode: number }> {
  const content = new Map([[composeFileOf(stack), { text: stack.compose, mode: 0o600 }]]);
  if (Object.keys(stack.env).length > 0) content.set('.env', { text: dotenv(stack.env), mode: 0o600 });
  for (const [path, text] of Object.entries(stack.files)) {
    if (content.has(path) || path === OVERLAY_FILE)
      throw new Error(`${path} among the files is the stack's own ${path}`);
    // Containers run as other users and must be able to read them; the data folder itself is closed to everybody.
    content.set(path, { text, mode: text.startsWith('#!') ? 0o755 : 0o644 });
  }
  return content;
}

/** Somebody wrote an adopted stack's values by hand: the same values in other words are left as they are. */
async function keepWords(directory: string, stack: DesiredStack, content: ReturnType<typeof contentOf>): Promise<void> {
  const own = content.get('.env');
  if (stack.place === null || own === undefined || stack.files['.env'] !== undefined) return;
  const there = await readConfined(directory, '.env').catch(() => null);
  if (there !== null && isDeepStrictEqual({ ...parseEnv(there) }, { ...stack.env })) own.text = there;
}

export function stackFolders(root: string): StackFolders {
  const ownDirectory = (stack: string) => join(root, StackName.parse(stack));
  const directoryOf = (stack: string | Placed) =>
    typeof stack === 'string' ? ownDirectory(stack) : (stack.place?.directory ?? ownDirectory(stack.name));
  const noteFile = (stack: string) => `${ownDirectory(stack)}.json`;
  const watch = fileWatch();

  /** What was written at another place says nothing about this one. */
  async function noteOf(stack: Placed): Promise<Note | null> {
    const note = await readNote(noteFile(stack.name));
    return note !== null && (note.place?.directory ?? null) === (stack.place?.directory ?? null) ? note : null;
  }

  return {
    directoryOf,
    async write(stack) {
      const directory = directoryOf(stack);
      const content = contentOf(stack);
      const before = await noteOf(stack);
      const isMade = (await mkdir(directory, { recursive: true, mode: 0o755 })) !== undefined;
      // A mask of the process must not shut out the users that containers run as.
      if (isMade) await chmod(directory, 0o755);
      await keepWords(directory, stack, content);
      const overlay = needsOverlay(stack) && before?.files.includes(OVERLAY_FILE) ? [OVERLAY_FILE] : [];
      const files = [...content.keys(), ...overlay];
      const known = [...new Set([...files, ...(before?.files ?? [])])];
      const digests: Record<string, string> = {};
      for (const path of overlay) digests[path] = before?.digests[path] ?? digestOf('');
      for (const [path, { text }] of content) digests[path] = digestOf(text);
      const { name, revision, place } = stack;
      const appliedHash = before?.appliedHash ?? null;
      const profiles = [...new Set([...(before?.profiles ?? []), ...stack.profiles])];
      const note: Note = { stack: name, revision, appliedHash, files: known, digests, place, profiles };
      const isNoted =
        known.length === before?.files.length &&
        profiles.length === before.profiles.length &&
        isDeepStrictEqual(digests, before.digests);
      // First what will be there, so that nothing is ever written that nobody would take away.
      if (!isNoted) await keepNote(noteFile(name), note);
      const stale = known.filter((path) => !files.includes(path));
      for (const path of stale) await removeConfined(directory, path);
      for (const [path, { text, mode }] of content) await writeConfined(directory, path, text, mode, place !== null);
      if (stale.length > 0) await keepNote(noteFile(name), { ...note, files });
      return directory;
    },
    async writeOverlay(stack, text) {
      const directory = directoryOf(stack);
      const note = await noteOf(stack);
      if (note === null) throw new Error(`nothing was written for ${stack.name} yet`);
      const files = note.files.filter((path) => path !== OVERLAY_FILE);
      const { [OVERLAY_FILE]: before, ...digests } = note.digests;
      if (text === null) {
        await removeConfined(directory, OVERLAY_FILE);
        if (before !== undefined) await keepNote(noteFile(stack.name), { ...note, files, digests });
        return;
      }
      const digest = digestOf(text);
      if (digest !== before) {
        const now = { files: [...files, OVERLAY_FILE], digests: { ...digests, [OVERLAY_FILE]: digest } };
        await keepNote(noteFile(stack.name), { ...note, ...now });
      }
      await writeConfined(directory, OVERLAY_FILE, text, 0o600);
    },
    async noteApplied(stack) {
      const { name, revision, hash, place, profiles } = stack;
      const before = (await noteOf(stack)) ?? { files: [...contentOf(stack).keys()], digests: {} };
      const { files, digests } = before;
      await keepNote(noteFile(name), { stack: name, revision, appliedHash: hash, files, digests, place, profiles });
    },
    async profiles(stack) {
      return (await noteOf(stack))?.profiles ?? [];
    },
    async drift(stack) {
      const note = await readNote(noteFile(typeof stack === 'string' ? stack : stack.name));
      if (note === null) return [];
      return watch.compare(note.place?.directory ?? ownDirectory(note.stack), note.digests);
    },
    async remove(stack, all) {
      const directory = ownDirectory(stack);
      const note = await readNote(noteFile(stack));
      if (note?.place) await removeConfined(note.place.directory, OVERLAY_FILE).catch(() => {});
      else for (const path of note?.files ?? []) await removeConfined(directory, path).catch(() => {});
      if (all) await rm(directory, { recursive: true, force: true });
      await rmdir(directory).catch(() => {});
      await rm(noteFile(stack), { force: true });
    },
  };
}
